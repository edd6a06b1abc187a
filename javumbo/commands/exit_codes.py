"""What a command's exit code says; README.md and --help list the same."""

REFUSED = 1
MISUSED = 2
NOT_LOGGED_IN = 3
UNREACHABLE = 4
UNFINISHED = 5
# As shells have it for what writes to a pipe that nobody reads.
BROKEN_PIPE = 141

LISTED = """\
exit codes:
  0  done
  1  the service refused; why is on standard error
  2  wrong usage, or a file that cannot be read or written
  3  not logged in, or not any more
  4  the service cannot be reached
  5  it takes too long and is not finished
"""

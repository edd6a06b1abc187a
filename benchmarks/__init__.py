"""What JAVUMBO costs in time, bytes and money; docs/performance.md says how it is measured."""

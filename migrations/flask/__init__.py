"""What the Flask version of JAVUMBO keeps: `admin.db`, and a file for each collection.

    admin.db                      users(user_id, username, name, password_hash)
    user_dbs/<username>.anki2     a collection
    user_dbs/user_<user_id>.db    the same in older installs

Beside a file may lie what SQLite left there when the program was killed.
"""

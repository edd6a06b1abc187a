"""Bringing the service to AWS, and taking it away again: `javumbo deploy`, `javumbo destroy`.

Four stacks make a stage: what people have (`data`), the API (`app`), the web client (`site`) and
what watches them (`watch`). boto3 comes with the extra `aws`, and is imported when it is needed.
"""

"""What ends a deployment."""


class DeploymentError(Exception):
    """AWS did not do what was asked of it; the message is for the person who deploys."""

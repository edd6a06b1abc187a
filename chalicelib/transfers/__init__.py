"""Files that are too large for one request: sent and fetched elsewhere, and imported in steps."""

from chalicelib.transfers.addresses import Addresses, UploadAddress
from chalicelib.transfers.imports import ImportFile, Imports, ReportProgress, StepTrigger, can_go_on
from chalicelib.transfers.jobs import Job, JobStore, Progress
from chalicelib.transfers.local import LocalDoor, LocalTransferAddresses
from chalicelib.transfers.s3 import S3TransferAddresses
from chalicelib.transfers.transfers import DownloadOffer, Transfers, UploadOffer
from chalicelib.transfers.uploads import FORMATS, FileFormat, UploadId

__all__ = [
    "FORMATS",
    "Addresses",
    "DownloadOffer",
    "FileFormat",
    "ImportFile",
    "Imports",
    "Job",
    "JobStore",
    "LocalDoor",
    "LocalTransferAddresses",
    "Progress",
    "ReportProgress",
    "S3TransferAddresses",
    "StepTrigger",
    "Transfers",
    "UploadAddress",
    "UploadId",
    "UploadOffer",
    "can_go_on",
]

"""A client of JAVUMBO for people's own programs; it prints nothing."""

from javumbo.client.answers import (
    AddedNote,
    Deck,
    DeckCounts,
    Exported,
    ImportedNotes,
    ImportReport,
    Login,
    Notetype,
    NotetypeField,
)
from javumbo.client.errors import (
    ClientError,
    FileProblemError,
    NotLoggedInError,
    ServiceError,
    UnfinishedError,
    UnreachableError,
    WrongUsageError,
)
from javumbo.client.exporting import EXPORT_FORMATS, ExportFormat
from javumbo.client.importing import IMPORT_FORMATS, ImportFormat, ImportMode, ImportOptions
from javumbo.client.javumbo import IMPORT_TIMEOUT_S, Javumbo, default_server, log_in
from javumbo.client.progress import Progress, no_progress
from javumbo.client.saved_login import config_folder, forget_login, load_login, save_login
from javumbo.client.statistics import Stats

__all__ = [
    "EXPORT_FORMATS",
    "IMPORT_FORMATS",
    "IMPORT_TIMEOUT_S",
    "AddedNote",
    "ClientError",
    "Deck",
    "DeckCounts",
    "ExportFormat",
    "Exported",
    "FileProblemError",
    "ImportFormat",
    "ImportMode",
    "ImportOptions",
    "ImportReport",
    "ImportedNotes",
    "Javumbo",
    "Login",
    "NotLoggedInError",
    "Notetype",
    "NotetypeField",
    "Progress",
    "ServiceError",
    "Stats",
    "UnfinishedError",
    "UnreachableError",
    "WrongUsageError",
    "config_folder",
    "default_server",
    "forget_login",
    "load_login",
    "log_in",
    "no_progress",
    "save_login",
]

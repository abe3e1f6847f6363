"""What can go wrong for a user, each said in one sentence they can act on."""


class StudioError(Exception):
    """Something a user can do something about.

    `str(error)` is one complete sentence: what happened, to which file, what to do next.
    The command line prints it and exits with `exit_code`; the window shows it.
    """

    exit_code = 1


class UsageError(StudioError):
    """The request itself makes no sense (a bad argument); nothing was started."""

    exit_code = 2


class PhotoError(StudioError):
    """A picture could not be read or written."""


class MaskError(StudioError):
    """A mask does not fit the photo or cannot be used."""


class WeightsError(StudioError):
    """A weights file or model card is missing, broken, of the wrong kind, or not allowed."""


class DownloadError(WeightsError):
    """Weights could not be fetched."""


class EngineError(StudioError):
    """A fill could not be computed."""


class TrainingError(StudioError):
    """Training could not begin or go on."""

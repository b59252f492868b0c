"""The closed set of exceptions a bad run can raise.

A bad *row* is never an exception: it is an ``Issue`` (see ``layers/vocab/issue_types.toml``). Every
exception carries a Chinese sentence that says what was found, what was expected and what to do; the
command line turns it into an exit code and the server into RFC 9457 problem JSON, each by one table.
"""


class YuantuError(Exception):
    """Base of every error the product raises on purpose.

    Parameters
    ----------
    message : str
        One Chinese sentence: what was found and what was expected.
    cure : str
        What the person can do about it, in Chinese.
    **details : object
        Machine-readable facts (field, value, file, row, candidates ...), JSON-serialisable.
    """

    def __init__(self, message: str, cure: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.details = details

    def __str__(self) -> str:
        return f"{self.message}{self.cure}"


class InputError(YuantuError):
    """The caller's input cannot be used (bad value, bad shape, bad parameter)."""


class FilterError(InputError):
    """A CQL2 filter cannot be parsed, is too large, or names a field the caller may not see."""


class ReadError(InputError):
    """A file cannot be read: broken, protected, too large, or not what its name says."""


class DatumUndecidedError(InputError):
    """The coordinates fit several datums and nothing decides between them; ``details`` has the evidence."""


class CatalogueError(YuantuError):
    """A layer's TOML is wrong; the message names file, key and cure."""


class NotFoundError(YuantuError):
    """The named layer, run, feature or area does not exist."""


class ForbiddenError(YuantuError):
    """The caller has no right to this field, layer or action."""


class ConflictError(YuantuError):
    """The action contradicts the present state, such as rolling back a run that was rolled back."""


class CancelledError(ConflictError):
    """Someone stopped the run before it was published; nothing was changed."""


class DatabaseUnavailableError(YuantuError):
    """The database does not answer; nothing was changed."""


class MachineError(YuantuError):
    """This machine lacks something the product needs; ``yuantu doctor`` says what to do."""

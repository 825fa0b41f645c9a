"""What a command line that cannot be read is answered, in French: what is wrong, where, and how to go on.

click notices, this module says. Help stays in English.
"""

import importlib
from collections.abc import Sequence

import click


class _Located(click.Command):
    """A command that names itself in every usage error made in it: click's parser leaves it out of some."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is left of ``args`` when options and arguments have been taken."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


class Command(_Located):
    """A command that says itself which arguments are too many."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Nothing: ``args`` are taken to the last one, or refused."""
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if rest:
            what = "un argument en trop" if len(rest) == 1 else "des arguments en trop"
            ctx.fail(f"{what} : {', '.join(f'« {each} »' for each in rest)}")
        return rest


class Lazy(_Located):
    """A command that is read from its module once it is asked for: what is above may so be named from below."""

    def __init__(self, name: str, target: str, told: str) -> None:
        super().__init__(name, help=told)
        self._target = target

    def load(self) -> click.Command:
        """The command that ``module:name`` is."""
        module, _, name = self._target.partition(":")
        found = getattr(importlib.import_module(module), name)
        assert isinstance(found, click.Command)  # noqa: S101 - a target is written in the program, never given
        return found


class Group(_Located, click.Group):
    """Commands under one name. Made with ``invoke_without_command``, its body calls :func:`require_command`."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for, read if it was not."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, Lazy) else command, rest


def require_command(ctx: click.Context) -> None:
    """Refuse a line on which no command is named."""
    if ctx.invoked_subcommand is None:
        ctx.fail(f"il manque une commande ; {_known(ctx)}")


def explanation(error: click.UsageError) -> str:
    """What is wrong, the usage of the command in which it is, and how to get its help."""
    ctx = error.ctx
    if ctx is None:
        return error.format_message()
    usage = " ".join([ctx.command_path, *ctx.command.collect_usage_pieces(ctx)])
    return f"{_fault(error, ctx)}\nusage : {usage}\naide (en anglais) : {ctx.command_path} --help"


def _fault(error: click.UsageError, ctx: click.Context) -> str:
    match error:
        case click.MissingParameter(param=click.Parameter() as param):
            return f"il manque {_name(param)}"
        case click.BadParameter(param=click.Parameter() as param):
            return f"{_name(param)} ne convient pas : {error.message}"
        case click.BadOptionUsage(option_name=name):
            return f"l'option {name} {'ne prend pas de' if _is_flag(name, ctx) else 'attend une'} valeur"
        case click.NoSuchOption(option_name=name, possibilities=near):
            return f"l'option {name} n'existe pas{_meant(near)}"
        case click.NoSuchCommand(command_name=name, possibilities=near):
            return f"la commande « {name} » n'existe pas{_meant(near) or f' ; {_known(ctx)}'}"
        case _:
            return error.message


def _name(param: click.Parameter) -> str:
    if isinstance(param, click.Option):
        return f"l'option {max(param.opts, key=len)}"
    return f"l'argument {param.human_readable_name}"


def _is_flag(name: str, ctx: click.Context) -> bool:
    options = [each for each in ctx.command.get_params(ctx) if isinstance(each, click.Option)]
    return any(each.is_flag for each in options if name in each.opts)


def _meant(near: Sequence[str] | None) -> str:
    return f" ; vouliez-vous dire {' ou '.join(near)} ?" if near else ""


def _known(ctx: click.Context) -> str:
    names = ctx.command.list_commands(ctx) if isinstance(ctx.command, click.Group) else []
    return f"les commandes sont {', '.join(names)}"

"""The `slotwise` command: one function a subcommand, each importing only what it needs."""

import sys
from pathlib import Path

import click

READY_BUNDLE = Path(__file__).parent / "model" / "bundles" / "travel.pt"

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="slotwise")
def cli() -> None:
    """Travel requests to slots: destination, origin, times, counts, with calibrated confidence."""


@cli.group()
def data() -> None:
    """Make, check and convert labelled rows."""


class CommandError(click.ClickException):
    """What went wrong in one line; exit status 1. Bad usage is click.UsageError: exit status 2."""


def main() -> None:
    """Run the command. Errors are one line on stderr, never a stack trace."""
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("slotwise: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"slotwise: {' '.join(error.format_message().split())}", err=True)
        sys.exit(error.exit_code)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()

"""`python -m console.app`: the console as a process of its own."""

from __future__ import annotations

from nicegui import app, ui

from capweave import AsyncClient
from console.page import first_page
from console.settings import Settings


def main() -> None:
    """Serve the console until the process is told to stop."""
    settings = Settings.from_environment()
    client = AsyncClient(settings.api_url, settings.api_key)
    app.on_shutdown(client.close)

    @ui.page("/", title="Capweave")
    async def page() -> None:
        await first_page(client)

    @app.get("/healthz")
    def healthy() -> dict[str, str]:
        return {"status": "ok"}

    ui.run(
        host=settings.host,
        port=settings.port,
        title="Capweave",
        favicon="🧵",
        reload=False,
        show=False,
        show_welcome_message=False,
    )


if __name__ == "__main__":
    main()

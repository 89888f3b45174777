"""The page at `/docs`. Its scripts come from this service: networks of factories often reach nothing else."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

PAGE = "/docs"
ASSETS = "/docs-assets"
SWAGGER_UI = ("fastapi_swagger", "resources")
"""The package that carries Swagger UI's files, and its folder."""


def serve_documentation(app: FastAPI) -> None:
    """Add the page and its files. All addresses in it are relative: a proxy may put a prefix before them."""
    app.mount(ASSETS, StaticFiles(packages=[SWAGGER_UI]), name="docs-assets")
    assets = ASSETS.removeprefix("/")

    async def page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=f"{app.title} API",
            swagger_js_url=f"{assets}/swagger-ui-bundle.js",
            swagger_css_url=f"{assets}/swagger-ui.css",
            swagger_favicon_url=f"{assets}/favicon-32x32.png",
            swagger_ui_parameters={"tryItOutEnabled": True},
        )

    app.add_api_route(PAGE, page, include_in_schema=False)

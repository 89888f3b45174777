"""The HTTP door: FastAPI routes over `models`; `api.app.create_app` wires them."""

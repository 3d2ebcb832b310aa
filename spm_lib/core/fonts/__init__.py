"""The bundled font of pages, charts, PDFs and dashboards; nothing is loaded from elsewhere."""

from pathlib import Path

FONT = "Heebo"
FONTS = Path(__file__).parent

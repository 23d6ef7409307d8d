"""How the pages look, and what is served with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.themes.utils import colors, fonts, sizes

MAX_UPLOAD_BYTES = 512 * 2**20  # of one request; pages send one file at a time
KEPT_PAGES = 500  # whose state Gradio keeps; one takes about 1 MB
ASSETS = Path(__file__).parents[2] / "assets"
STYLES = ("base", "pictures", "pairs", "train", "timeline", "inspect", "edit", "share")

LAGOON = colors.Color(
    name="lagoon",
    c50="#effaf8",
    c100="#d3f1ec",
    c200="#a8e2da",
    c300="#74ccc2",
    c400="#43afa5",
    c500="#26938a",
    c600="#0f766e",
    c700="#115e59",
    c800="#134b48",
    c900="#143f3d",
    c950="#06292a",
)
PAPER = colors.Color(
    name="paper",
    c50="#fbfaf7",
    c100="#f4f2ec",
    c200="#e7e3da",
    c300="#d3cdc1",
    c400="#a49c8f",
    c500="#787065",
    c600="#5a544b",
    c700="#433f39",
    c800="#2a2825",
    c900="#1d1c1a",
    c950="#141412",
)


def theme() -> gr.themes.Base:
    """Return the theme: warm paper, one calm accent, fonts that come with Gradio."""
    base = gr.themes.Base(
        primary_hue=LAGOON,
        secondary_hue=LAGOON,
        neutral_hue=PAPER,
        radius_size=sizes.radius_lg,
        font=[fonts.LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=[fonts.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"],
    )
    return base.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="*neutral_800",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        background_fill_primary="white",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_100",
        background_fill_secondary_dark="*neutral_800",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        block_border_width="1px",
        block_radius="14px",
        container_radius="14px",
        input_radius="9px",
        button_large_radius="10px",
        button_medium_radius="10px",
        block_shadow="none",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_label_border_width_dark="0px",
        block_label_text_color="*neutral_500",
        block_label_text_color_dark="*neutral_400",
        block_label_text_size="*text_sm",
        block_title_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_200",
        block_title_text_weight="600",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_800",
        input_background_fill="*neutral_50",
        input_background_fill_dark="*neutral_950",
        input_border_color="*neutral_200",
        input_border_color_dark="*neutral_700",
        input_border_color_focus="*primary_500",
        input_border_color_focus_dark="*primary_500",
        input_shadow_focus="0 0 0 3px color-mix(in srgb, *primary_500 22%, transparent)",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_500",
        button_primary_text_color="white",
        button_secondary_background_fill="white",
        button_secondary_background_fill_hover="*neutral_100",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_background_fill_hover_dark="*neutral_700",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="*neutral_700",
        button_secondary_text_color="*neutral_800",
        button_border_width="1px",
        button_primary_border_color="transparent",
        button_primary_border_color_dark="transparent",
        checkbox_label_background_fill="*neutral_50",
        checkbox_label_background_fill_dark="*neutral_950",
        checkbox_label_border_color="*neutral_200",
        checkbox_label_border_color_dark="*neutral_700",
        checkbox_label_background_fill_selected="*primary_50",
        checkbox_label_background_fill_selected_dark="*primary_950",
        checkbox_label_border_color_selected="*primary_500",
        checkbox_label_text_color_selected="*neutral_800",
        checkbox_label_text_color_selected_dark="*neutral_100",
    )


def launch_options(root: Path) -> dict[str, Any]:
    """Return what `launch` needs for the looks and for privacy. What Gradio would read from the environment is fixed.

    Files are served from the cache only, where Gradio's uploads and our thumbnails lie (`GRADIO_TEMP_DIR`). It is not
    among `allowed_paths`, for what is there would be shown as whatever it claims to be: an uploaded page with a script,
    for instance. As it is, anything but a picture is only ever downloaded.

    Args:
        root: The workspace.
    """
    return {
        "theme": theme(),
        "css_paths": [ASSETS / "css" / f"{name}.css" for name in STYLES],
        "favicon_path": str(ASSETS / "favicon.png"),
        "footer_links": ["settings"],
        "blocked_paths": [str(root / name) for name in ("effects", "runs", "template", "visitors")],
        "max_file_size": MAX_UPLOAD_BYTES,
        "state_session_capacity": KEPT_PAGES,
        "max_threads": 16,
        "show_error": False,  # errors that are not ours may tell paths
        "run_history": False,  # it would keep people's photos in the browser
        "enable_monitoring": False,
        "mcp_server": False,
        "num_workers": 0,  # they would serve files without our checks
        "ssr_mode": False,
        "_frontend": False,  # or it asks itself for the page, and gives up after the 3 s that a busy machine may need
        "pwa": False,
    }

"""The keys of config.ini that d2lbook 1.0.3 reads and the engine does not."""

D2LBOOK_KEYS = {
    "translation": "origin_repo origin_lang translator terminology",
    "build": "rsts dependencies eval_notebook source_dir html_dir "
    "warning_is_error sphinx_extensions sphinx_configs origin_repo",
    "html": "header_links",
    "pdf": "main_font sans_font mono_font post_latex latex_logo latex_url style",
    "library": "version",
    "deploy": "google_analytics_tracking_id github_repo s3_bucket other_file_s3urls",
    "colab": "github_repo exclusions libs libs_header replace_svg_url",
    "sagemaker": "github_repo kernel libs libs_header",
    "slides": "top_left top_right github_repo",
}
"""Names of the keys, by section."""

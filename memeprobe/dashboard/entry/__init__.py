"""The script that Streamlit runs, in a folder of its own beside its settings.

Streamlit puts the script's folder on the module path and reads ``.streamlit/config.toml`` there,
whatever folder it was started in.
"""

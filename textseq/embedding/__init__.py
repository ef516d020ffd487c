"""Embedding services: asked once for each text, and what they answered kept."""

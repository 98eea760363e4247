"""Counters as Prometheus reads them: this process's, and those of the processes that share its folder."""

import os

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY

from bot.settings import Settings


def counters() -> CollectorRegistry:
    """Of every process of this machine or container, where PROMETHEUS_MULTIPROC_DIR names their folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def serve(settings: Settings) -> None:
    """Offer them on METRICS_PORT, for processes without pages that run where no web process counts for them."""
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr=settings.host, registry=counters())

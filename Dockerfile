# The application: web, worker, builder, ticker and stream run from this one image.

FROM python:3.13-slim-bookworm AS build
WORKDIR /app
COPY requirements/uv.txt requirements/runtime.txt requirements/front.txt requirements/
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && .venv/bin/uv pip install --no-cache --python .venv/bin/python --require-hashes -r requirements/runtime.txt \
    && python -m venv /front && .venv/bin/uv pip install --no-cache --python /front/bin/python \
        --require-hashes -r requirements/front.txt
COPY frontend/ frontend/
COPY tools/frontend.py tools/
RUN /front/bin/python tools/frontend.py && rm -rf frontend/node_modules
COPY pyproject.toml webhook_app.py ./
COPY bot/ bot/
COPY handoff/ handoff/
COPY faq/ faq/
COPY nlu_data/ nlu_data/
RUN .venv/bin/uv pip install --no-cache --python .venv/bin/python --no-deps \
    --config-settings editable_mode=compat --editable .

FROM python:3.13-slim-bookworm
RUN useradd --create-home --uid 10001 frontline && install -d -o frontline /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MALLOC_ARENA_MAX=1 FRONTLINE_DATA=/data HOST=0.0.0.0 PORT=8000
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "python:bot.cli.gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "16", "webhook_app:app"]

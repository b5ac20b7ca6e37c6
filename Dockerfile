# The checkout becomes a small image that runs the bot as nobody in particular, on a read-only root.
# Both stages put everything in /app, so that the environment built in the first works in the second.

FROM python:3.11-slim-bookworm AS build
# requirements-charts.lock adds the library that draws /etat as a picture, and doubles what is installed.
ARG LOCK=requirements.lock
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv .venv
COPY requirements.lock requirements-charts.lock ./
RUN .venv/bin/pip install --require-hashes --requirement ${LOCK}
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY config config
# Whatever the modes of the checkout, the bot may read everything and write nothing.
RUN .venv/bin/pip install --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q bot \
    && chmod -R u+rwX,go+rX,go-w .

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 guetteur \
    && useradd --system --uid 10001 --gid guetteur --home-dir /app --no-create-home --shell /usr/sbin/nologin guetteur \
    && install --directory --owner guetteur --group guetteur /app/data
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GUETTEUR_HTTP_LISTEN=0.0.0.0:8080 \
    GUETTEUR_LOG=json
WORKDIR /app
USER 10001:10001
VOLUME /app/data
EXPOSE 8080
# The port is whatever GUETTEUR_HTTP_LISTEN says; an answer other than 200 raises, and so does none.
HEALTHCHECK --interval=30s --timeout=6s --start-period=40s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as http; http.urlopen('http://127.0.0.1:' + os.environ['GUETTEUR_HTTP_LISTEN'].rpartition(':')[2] + '/healthz', timeout=5)"]
ENTRYPOINT ["guetteur"]
CMD ["run"]

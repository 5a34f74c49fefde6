# Production: the house without its engines. They are named by DATABASE_URL, REDIS_BANK_URL and
# REDIS_LIVE_URL; the bank's container mends its append-only files before it starts.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends gcc libc6-dev pkg-config libmariadb-dev
WORKDIR /srv/ringside
COPY ringside requirements*.txt ./
COPY config/__init__.py config/
COPY config/launch/ config/launch/
RUN ./ringside install production

FROM python:3.11-slim-bookworm
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/ringside ringside
WORKDIR /srv/ringside
COPY --from=build /srv/ringside/.venv .venv
COPY . .
USER ringside
ENV DATA_DIR=/var/lib/ringside/data HOST_ADDRESS=0.0.0.0 PORT=8000 NO_DEMO=1
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=60s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz/', timeout=3)"]
# Migrates, opens the gate, runs clock and WEB_WORKERS web processes; SIGTERM ends it cleanly.
ENTRYPOINT ["./ringside"]
CMD ["run"]

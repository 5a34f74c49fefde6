# Ringside as an image: one for web, clock, bank, live and commands; deploy/entry tells them apart.
# It needs no right to write but in /data and /tmp, and no capability: see compose.yaml.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends gcc libc6-dev pkg-config libmariadb-dev
WORKDIR /srv/ringside
COPY ringside requirements*.txt ./
COPY launcher/ launcher/
RUN ./ringside install production
COPY . .
# Compiled and collected here, because nothing can be written later.
RUN .venv/bin/python -m compileall -q accounts betting config lab launcher locations operations rooms simulation web \
    && SECRET_KEY=only-for-collecting-the-static-files-of-the-image DATA_DIR=/tmp/build \
       STATIC_ROOT=/srv/ringside/static-collected \
       .venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.11-slim-bookworm
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends libmariadb3 mariadb-client redis-server \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin ringside \
    && install -d -o ringside -m 0700 /data
COPY --from=build /srv/ringside /srv/ringside
WORKDIR /srv/ringside
ENV DATA_DIR=/data \
    STATIC_ROOT=/srv/ringside/static-collected \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
ARG VERSION=0.2.0
ARG REVISION=
LABEL org.opencontainers.image.title="Ringside" \
      org.opencontainers.image.description="Live betting rooms with play coins" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="MIT"
USER 10001
VOLUME /data
EXPOSE 8000
# SIGTERM ends each of them in order; a web process takes up to half a minute to see people off.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/srv/ringside/deploy/health"]
ENTRYPOINT ["/srv/ringside/deploy/entry"]
CMD ["web"]

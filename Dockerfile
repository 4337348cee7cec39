# One image for web, worker, beat and the migrations; runs as an ordinary user on a read-only file system.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/greffier --create-home greffier

WORKDIR /srv/greffier
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/base.txt
COPY . .

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 GREFFIER_VAR=/var/lib/greffier GREFFIER_STATIC=/srv/static
# The addresses below are never opened: gathering files and translations needs no server.
RUN python -m babel.messages.frontend compile -d locale -D django \
    && DATABASE_URL=postgresql://unused@localhost/unused REDIS_URL=redis://localhost/0 SECRET_KEY=unused \
       python manage.py collectstatic --noinput -v 0 \
    && chown -R greffier: /var/lib/greffier
USER greffier
VOLUME /var/lib/greffier
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]

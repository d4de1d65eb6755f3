FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=0 AKIG_VAR=/data HOST=0.0.0.0
WORKDIR /app
COPY deploy/packages.sh deploy/packages.sh
RUN sh deploy/packages.sh run && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN useradd --system --uid 1000 akig && mkdir /data && chown akig /data
USER akig
VOLUME /data
EXPOSE 8000 8001
HEALTHCHECK --interval=30s --timeout=3s --start-period=60s CMD \
    ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/api/health', timeout=2)"]
# Web, workers and schedule together, on the servers of the environment (or its own, without any).
CMD ["python", "manage.py", "run"]

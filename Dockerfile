# memeprobe as a service: REST on 8600, pages on 8501 (compose.yaml starts both on one workspace).
#   docker build -t memeprobe .                                         for a GPU: torch with CUDA
#   docker build -t memeprobe --build-arg PIP_EXTRA_INDEX_URL=... .     CPU: the index of torch's
#                                                                       CPU wheels, 5 GB less
FROM python:3.11-slim
ENV PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1 MEMEPROBE_WORKSPACE=/data/memeprobe.sqlite
RUN useradd --create-home --uid 10001 memeprobe && mkdir /data && chown memeprobe /data
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY memeprobe memeprobe
COPY frames frames
COPY ocr ocr
COPY vlm vlm
COPY meme_sets meme_sets
# An index where torch is a CPU build wins over the default one: its version has a local part.
ARG PIP_EXTRA_INDEX_URL=
RUN PIP_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL" \
    pip install --constraint constraints.txt '.[dashboard,service]'
USER 10001
VOLUME /data
EXPOSE 8600 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8600/health', timeout=4)"]
# Needs MEMEPROBE_SERVICE_TOKENS, since it listens on every address of the container.
CMD ["memeprobe", "serve", "--host", "0.0.0.0"]

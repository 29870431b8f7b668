# syntax=docker/dockerfile:1
# The service, batch jobs and retraining in one image, with the ready bundle inside.
#
#   docker build -t slotwise .                             for CPUs
#   docker build -t slotwise:cuda --build-arg DEVICE=cuda .
#
# What is written goes to /data (corrections), /registry (versions of the model), /work (retraining) and /tmp; all else may
# be read-only.
ARG PYTHON_VERSION=3.11

FROM python:${PYTHON_VERSION}-slim-bookworm AS packages
# cpu or cuda. PyPI's torch for Linux brings CUDA along; that without it has an index of its own.
ARG DEVICE=cpu
ARG PIP_INDEX_URL=https://pypi.org/simple
ARG TORCH_CPU_INDEX_URL=https://download.pytorch.org/whl/cpu
SHELL ["/bin/bash", "-o", "pipefail", "-ec"]
WORKDIR /source
COPY pyproject.toml constraints.txt ./
# The packages alone: a layer that a change of our own code or bundle leaves as it is. Without what torch brings for C++ and for
# its own tests, and of torch nothing is compiled here but what parsing needs, below: together a fifth of it.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/slotwise \
 && python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
print(*project["dependencies"], *project["optional-dependencies"]["postgresql"], sep="\n")' > requirements.txt \
 && if [ "$DEVICE" = cpu ]; then export PIP_EXTRA_INDEX_URL="$TORCH_CPU_INDEX_URL"; fi \
 && pip --python /opt/slotwise/bin/python install --no-compile --constraint constraints.txt --requirement requirements.txt \
 && torch=$(/opt/slotwise/bin/python -c 'import importlib.util as found; print(found.find_spec("torch").submodule_search_locations[0])') \
 && rm -rf "$torch/test" "$torch/include" \
 && find "$torch/bin" -type f ! -name torch_shm_manager -delete \
 && /opt/slotwise/bin/python -m compileall -q -x '/(torch|sympy|tests)/' /opt/slotwise

FROM packages AS slotwise
COPY . .
RUN pip --python /opt/slotwise/bin/python install --no-cache-dir --no-deps --target /app .

FROM python:${PYTHON_VERSION}-slim-bookworm
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="slotwise" \
      org.opencontainers.image.description="What a traveller says, as what a booking system needs: slots with roles, English and Chinese" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=packages /opt/slotwise /opt/slotwise
COPY --from=slotwise /app /app
COPY --chmod=0755 deploy/fill-registry.sh /usr/local/bin/fill-registry
ENV PATH=/app/bin:/opt/slotwise/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1
# The first sentence compiles what it needs, and shows that the image parses.
RUN slotwise parse "arrive Taipei on November 2nd" \
 && groupadd --gid 10001 slotwise \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp slotwise \
 && install --directory --owner 10001 --group 10001 /data /registry /work
ENV PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    XDG_DATA_HOME=/data \
    SLOTWISE_REGISTRY=/registry \
    SLOTWISE_HOST=0.0.0.0 \
    SLOTWISE_PORT=8000
USER 10001:10001
WORKDIR /work
VOLUME ["/data", "/registry", "/work"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"SLOTWISE_PORT\"]}/readyz', timeout=4)"]
ENTRYPOINT ["slotwise"]
CMD ["serve"]

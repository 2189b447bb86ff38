# Stampede in a container: `docker build -t stampede . && docker run --rm stampede --help`.
# What runs is bundled, and its compile cache is warm: a start takes half the CPU.
FROM node:26-slim AS bundle
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && npm install --global --no-audit --no-fund \
    "rolldown@$(node -p 'require("./package-lock.json").packages["node_modules/rolldown"].version')"
COPY . .
RUN npm run bundle

FROM node:26-slim
WORKDIR /app
COPY --from=bundle /app/package.json /app/LICENSE ./
COPY --from=bundle /app/examples examples
COPY --from=bundle /app/collector-config collector-config
COPY --from=bundle /app/dist dist
# For a shell in a container: `docker compose exec ledger stampede ledger`.
RUN printf '#!/bin/sh\nexec node --disable-warning=ExperimentalWarning /app/dist/main.cjs "$@"\n' >/usr/local/bin/stampede \
  && chmod 755 /usr/local/bin/stampede
# What a volume is mounted on gives it its owner: ours for /templates, /reports and /rendered, the collector's user for /exports.
RUN mkdir /templates /reports /exports /rendered /cache \
  && chown node:node /templates /reports /rendered /cache \
  && chown 10001:10001 /exports

USER node
# As the user that runs it: Node keeps a compile cache per user. All is loaded once, and what begins processes of its own has a run.
ENV NODE_ENV=production NODE_COMPILE_CACHE=/cache/node XDG_CACHE_HOME=/cache MALLOC_ARENA_MAX=1
RUN set -e; node="node --disable-warning=ExperimentalWarning --max-semi-space-size=1 --heap-growing-percent=30 --expose-gc"; stampede="$node dist/main.cjs"; \
    $node -e 'for (const file of require("fs").globSync("./dist/*.*.cjs")) require(`./${file}`)'; \
    $stampede --help >/dev/null; \
    export XDG_CACHE_HOME=/tmp/warm; \
    $stampede generate --config examples/compose-generator.yaml --output-dir /tmp/warm/templates; \
    $stampede sink --grpc 127.0.0.1:4317 --http 127.0.0.1:4318 >/dev/null & \
    for way in grpc/none grpc/gzip http/protobuf/none http/protobuf/gzip http/protobuf/zstd; do \
      $stampede replay --config examples/compose-replayer.yaml --input /tmp/warm/templates --endpoint http://127.0.0.1 \
        --protocol "${way%/*}" --compression "${way##*/}" --rate 5000 --duration 1s >/dev/null; \
    done; \
    $stampede demo --rate 5000 --duration 1s --processes 2 >/dev/null; \
    kill $! && wait $!; rm -rf /tmp/warm

# Node is process 1 and handles SIGTERM itself.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=1", "--heap-growing-percent=30", "--expose-gc", "/app/dist/main.cjs"]

# syntax=docker/dockerfile:1
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X github.com/catchpost/catchpost/internal/program.Version=${VERSION}" -o /out/catchpost ./cmd/catchpost \
 && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/catchpost /catchpost
USER 65532:65532
ENV CATCHPOST_BIND=0.0.0.0 CATCHPOST_DATA=/data/catchpost.db
VOLUME /data
EXPOSE 1025 1465 1587 1110 1995 1143 1993 8025
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["/catchpost", "ready"]
ENTRYPOINT ["/catchpost"]
CMD ["serve"]

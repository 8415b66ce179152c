package io.alldocs.worker.mirror;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Streams tarballs from the registry with the mirror's credentials, one piece at a time as the client reads them.
 * Nothing is stored. The proxy requests only addresses that a packument names and {@link TarballHosts} allows. A
 * complete body ends normally only if it matches the packument's digest. Safe for concurrent use; blocks.
 */
final class TarballProxy {
    private static final System.Logger LOG = System.getLogger(TarballProxy.class.getName());

    /**
     * Limit for one transfer. A client that stops reading is disconnected much earlier, by the mirror's write timeout.
     */
    private static final Duration LONGEST_TRANSFER = Duration.ofHours(1);

    /**
     * Response headers of the registry that are forwarded. The length is counted; all others belong to the connection
     * or are not needed.
     */
    private static final List<String> PASSED_ON =
            List.of("content-type", "content-range", "accept-ranges", "etag", "last-modified", "cache-control");

    private static final Pattern HEADER_VALUE = Pattern.compile("[\\x20-\\x7e]*");
    private static final Pattern RANGE = Pattern.compile("bytes=[0-9, -]{1,200}");
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

    private final BaseHttpClient http;
    private final TarballHosts hosts;
    private final Executor threads;
    private final MirrorListener listener;
    private final TransferGate gate;

    /** @param threads read the bodies; a read may block as long as the registry sends nothing */
    TarballProxy(BaseHttpClient http, TarballHosts hosts, Executor threads, int transfers, MirrorListener listener) {
        this.http = http;
        this.hosts = hosts;
        this.threads = threads;
        this.listener = listener;
        this.gate = new TransferGate(transfers);
    }

    /** Returns the number of requests that wait for other transfers to end. */
    int waiting() {
        return gate.waiting();
    }

    /**
     * The parts of a client's request that are forwarded.
     *
     * @param head whether only the headers are requested
     * @param range null for the whole tarball
     * @param ifRange the tag or date of the client's partial copy
     */
    record Part(
            boolean head, @Nullable String range, @Nullable String ifRange) {
        static Part of(HttpHeaders headers, boolean head) {
            String range = headers.get("range");
            return range != null && !head && RANGE.matcher(range).matches()
                    ? new Part(false, range, headers.get("if-range"))
                    : new Part(head, null, null);
        }
    }

    /**
     * Opens the tarball as soon as another transfer may start.
     *
     * @param name of its package, for messages
     * @return a response for one client, or a redirect if the address is on another public host that the client can
     *     request itself. Fails with {@link TarballHosts.RefusedException} if the address, or one that it redirects to,
     *     is not allowed, and with {@link io.alldocs.http.RequestException} if the registry does not respond
     */
    CompletableFuture<Response> open(String name, TarballLookup.Found found, Part part) {
        CompletableFuture<Response> opened = new CompletableFuture<>();
        gate.enter(() -> {
            try {
                threads.execute(() -> open(name, found, part, opened));
            } catch (RuntimeException e) {
                gate.leave();
                opened.completeExceptionally(e); // the mirror is closed
            }
        });
        return opened;
    }

    private void open(String name, TarballLookup.Found found, Part part, CompletableFuture<Response> opened) {
        boolean transfers = false;
        try {
            Response reply = opened(name, found, part);
            transfers = reply.source() instanceof Transfer;
            opened.complete(reply);
        } catch (IOException | RuntimeException | Error e) {
            opened.completeExceptionally(e);
        } finally {
            if (!transfers) {
                gate.leave();
            }
        }
    }

    private Response opened(String name, TarballLookup.Found found, Part part) throws IOException {
        URI address = address(found.address());
        if (!hosts.isNamed(address) && !hosts.isInternal(address)) {
            return Responses.redirect(found.address());
        }
        ClientRequest call = (part.head() ? ClientRequest.head(address) : ClientRequest.get(address))
                .withHeader("accept-encoding", "identity")
                .withTimeout(Optional.of(LONGEST_TRANSFER))
                .accepting(403, 404, 410, 416, 451);
        if (part.range() != null) {
            call = call.withHeader("range", part.range());
            call = part.ifRange() == null || !isPassable(part.ifRange())
                    ? call
                    : call.withHeader("if-range", part.ifRange());
        }
        ClientResponse reply = http.open(call, hosts);
        boolean handedOn = false;
        try {
            if (!reply.uri().equals(address)) {
                // the host name may have resolved to another address meanwhile
                hosts.check(reply.uri(), /* redirected= */ true);
            }
            Response answer = answer(name, found, part, reply);
            handedOn = answer.source() instanceof Transfer;
            return answer;
        } catch (CheckedBody.MismatchException e) {
            warn(name, found);
            return Responses.error(
                    502,
                    "The registry returned a tarball of " + name + " " + found.version() + " that does not match the"
                            + " digest in its packument");
        } finally {
            if (!handedOn) {
                reply.body().close();
            }
        }
    }

    private static URI address(String address) {
        try {
            URI uri = new URI(Escapes.location(address));
            if (uri.getRawUserInfo() != null || uri.getHost() == null) {
                throw new TarballHosts.RefusedException(
                        "The tarball URL in the packument has no host, or contains a user name");
            }
            return uri.getRawFragment() == null ? uri : new URI(uri.toString().replaceFirst("#.*", ""));
        } catch (URISyntaxException e) {
            throw new TarballHosts.RefusedException("The tarball URL in the packument is not a valid URL");
        }
    }

    private Response answer(String name, TarballLookup.Found found, Part part, ClientResponse reply)
            throws IOException {
        int status = reply.status();
        if (status >= 400 && status != 416) {
            return Responses.error(
                    status,
                    "The registry returned status " + status + " for the tarball of " + name + " " + found.version());
        }
        if (status != 200 && status != 206 && status != 416) {
            return Responses.error(502, "The registry returned status " + status + " for the tarball of " + name);
        }
        Response.Builder builder = Response.builder(status);
        PASSED_ON.forEach(header -> reply.headers()
                .firstValue(header)
                .filter(TarballProxy::isPassable)
                .ifPresent(value -> builder.header(header, value)));
        if (status == 416) {
            return builder.empty();
        }
        String coding = reply.headers().firstValue("content-encoding").orElse("identity");
        boolean gzip = coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("x-gzip");
        if ((!gzip && !coding.equalsIgnoreCase("identity")) || (gzip && status == 206)) {
            return Responses.error(502, "The registry returned the tarball of " + name + " with a content coding");
        }
        long length = gzip ? -1 : reply.contentLength().orElse(-1);
        listener.happened(MirrorEvent.TARBALLS_PROXIED);
        if (part.head()) {
            return builder.source(InputStream::nullInputStream, length);
        }
        InputStream body = gzip ? new GZIPInputStream(reply.body()) : reply.body();
        Optional<TarballDigest> digest =
                isWhole(reply) ? TarballDigest.of(found.integrity(), found.shasum()) : Optional.empty();
        InputStream checked = digest.isPresent() ? new CheckedBody(body, digest.get()) : body;
        return builder.source(new Transfer(name, found, checked, reply.body()), length);
    }

    private static boolean isPassable(String value) {
        return HEADER_VALUE.matcher(value).matches();
    }

    /**
     * Returns whether the response contains the whole tarball, possibly as a range, in which case the digest can be
     * checked.
     */
    private static boolean isWhole(ClientResponse reply) {
        if (reply.status() == 200) {
            return true;
        }
        Matcher range = CONTENT_RANGE.matcher(
                reply.headers().firstValue("content-range").orElse(""));
        return range.matches()
                && Long.parseLong(range.group(1)) == 0
                && Long.parseLong(range.group(2)) + 1 == Long.parseLong(range.group(3));
    }

    private void warn(String name, TarballLookup.Found found) {
        listener.happened(MirrorEvent.TARBALL_MISMATCHES);
        LOG.log(
                System.Logger.Level.WARNING,
                "The tarball of {0} {1} does not match the digest in its packument. The response was aborted.",
                name,
                found.version());
    }

    /** The body of one response to one client. */
    private final class Transfer implements Response.Source {
        private final String name;
        private final TarballLookup.Found found;
        private final AtomicReference<@Nullable InputStream> checked;
        private final InputStream body;
        private final AtomicBoolean ended = new AtomicBoolean();

        Transfer(String name, TarballLookup.Found found, InputStream checked, InputStream body) {
            this.name = name;
            this.found = found;
            this.checked = new AtomicReference<>(checked);
            this.body = body;
        }

        @Override
        public InputStream open() throws IOException {
            InputStream in = checked.getAndSet(null);
            if (in == null) {
                throw new IOException("The body of a tarball can be read only once");
            }
            return new FilterInputStream(in) {
                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    try {
                        return super.read(target, offset, length);
                    } catch (CheckedBody.MismatchException e) {
                        warn(name, found);
                        throw e;
                    }
                }

                @Override
                public void close() {
                    abandon();
                }
            };
        }

        @Override
        public Executor threads(Executor stores) {
            return threads;
        }

        @Override
        public void discard() {
            if (checked.getAndSet(null) != null) {
                abandon();
            }
        }

        /** Closes the connection, which may take a moment, and lets the next transfer start. */
        private void abandon() {
            if (ended.getAndSet(true)) {
                return;
            }
            try {
                threads.execute(() -> {
                    try {
                        body.close();
                    } catch (IOException e) {
                        LOG.log(System.Logger.Level.DEBUG, "Cannot close a response body", e);
                    } finally {
                        gate.leave();
                    }
                });
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.DEBUG, "The mirror is closed", e);
            }
        }
    }
}

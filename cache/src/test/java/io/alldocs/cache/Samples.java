package io.alldocs.cache;

import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryMetadata;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Data and helpers that several tests share. */
public final class Samples {
    public static final URI REGISTRY = URI.create("https://registry.npmjs.com");
    public static final URI REPLICA = URI.create("https://replicate.npmjs.com");
    public static final CacheKey EXPRESS = CacheKey.packument(REGISTRY, "express");
    public static final List<String> PACKUMENTS =
            List.of("express", "react", "noop-fn", "is-stream", "lodash.camelcase");

    private Samples() {}

    /** Returns a real packument as received, in gzip. */
    public static byte[] packument(String name) {
        try (InputStream in = Samples.class.getResourceAsStream("/packuments/" + name + ".json.gz")) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public static byte[] gunzip(byte[] bytes) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a response with the given headers: name, value, name, value. */
    public static Loaded.Value value(BodyReceiver receiver, String json, String... headers) {
        return value(receiver, gzip(utf8(json)), headers);
    }

    public static Loaded.Value value(BodyReceiver receiver, byte[] gzip, String... headers) {
        try {
            BodyReceiver.Received received =
                    receiver.receive(new ByteArrayInputStream(gzip), "gzip", OptionalLong.of(gzip.length));
            return new Loaded.Value(head(200, headers).received(received).build(), received.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Loaded.NotModified notModified(String... headers) {
        return new Loaded.NotModified(head(304, headers).build());
    }

    public static Loaded.HeadOnly notFound(String... headers) {
        return new Loaded.HeadOnly(
                head(404, headers).outcome("not_found").proven(true).build());
    }

    public static EntryMetadata.Builder head(int status, String... headers) {
        Map<String, List<String>> map = new LinkedHashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], List.of(headers[i + 1]));
        }
        return EntryMetadata.builder()
                .status(status)
                .headers(map)
                .form("full")
                .url(URI.create("https://registry.npmjs.com/express"));
    }

    /** A clock whose time changes only when a test sets it. */
    public static final class TestClock extends Clock {
        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        public void advance(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}

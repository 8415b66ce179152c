package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.alldocs.cache.CacheEntry;
import io.alldocs.packument.DocumentJson;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tarball for a path of the mirror. The address comes from the packument, because registries use different
 * layouts. A result stays cached as long as its packument does not change. Safe for concurrent use; reads the packument
 * in the caller's thread.
 */
final class TarballLookup {

    /** Takes a few megabytes: an entry contains two addresses and a digest. */
    private static final int MOST_KNOWN = 4_000;

    private final Cache<Target.Tarball, Known> known =
            Caffeine.newBuilder().maximumSize(MOST_KNOWN).build();
    private final String registryPath;
    private final boolean rewritten;

    /**
     * @param registry whose path, if any, precedes that of a package
     * @param rewritten whether packuments contain the mirror's own addresses. A file name is then matched with a
     *     version first, and with a path of the registry second
     */
    TarballLookup(URI registry, boolean rewritten) {
        String path = registry.getRawPath();
        this.registryPath = Escapes.decoded(TarballAddresses.withoutSlash(path == null ? "" : path));
        this.rewritten = rewritten;
    }

    /**
     * The {@code dist} of a version.
     *
     * @param address {@code dist.tarball} of the packument, an http or https address
     */
    record Found(
            String version,
            String address,
            @Nullable String integrity,
            @Nullable String shasum) {}

    private record Known(Document document, Optional<Found> found) {}

    /** Opens a packument that contains only the versions that may be served. */
    @FunctionalInterface
    interface Packument {
        CacheEntry open() throws IOException;
    }

    /**
     * Finds the tarball that {@code wanted} refers to; empty if the packument does not contain it.
     *
     * @param document whose text is {@code packument}
     * @throws IOException if the packument is not JSON, or cannot be read
     */
    Optional<Found> find(Target.Tarball wanted, Document document, Packument packument) throws IOException {
        Known last = known.getIfPresent(wanted);
        if (last != null && document.isSameAs(last.document())) {
            return last.found();
        }
        Optional<Found> found;
        try (JsonParser parser = DocumentJson.parser(packument.open().bodyStream())) {
            found = new Scan(wanted, parser).find();
        }
        known.put(wanted, new Known(document.withoutText(), found));
        return found;
    }

    /** One pass over a packument. */
    private final class Scan {
        private final Target.Tarball wanted;
        private final JsonParser parser;
        private final String path;
        private @Nullable Found byVersion;
        private @Nullable Found byPath;

        Scan(Target.Tarball wanted, JsonParser parser) {
            this.wanted = wanted;
            this.parser = parser;
            this.path = '/' + wanted.name() + "/-/" + wanted.file();
        }

        Optional<Found> find() throws IOException {
            parser.nextToken();
            for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
                parser.nextToken();
                if (member.equals("versions")) {
                    byVersion = null; // if a member occurs twice, the last one counts
                    byPath = null;
                    versions();
                } else {
                    parser.skipChildren();
                }
            }
            return Optional.ofNullable(rewritten ? first(byVersion, byPath) : first(byPath, byVersion));
        }

        private static @Nullable Found first(@Nullable Found one, @Nullable Found other) {
            return one == null ? other : one;
        }

        private void versions() throws IOException {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return;
            }
            for (String version = parser.nextFieldName(); version != null; version = parser.nextFieldName()) {
                parser.nextToken();
                boolean named = wanted.file().equals(TarballAddresses.fileOf(wanted.name(), version));
                Found found = version(version);
                if (named) {
                    byVersion = found;
                }
                if (found != null && path.equals(pathOf(found.address())) && (byPath == null || named)) {
                    byPath = found;
                }
            }
        }

        private @Nullable Found version(String version) throws IOException {
            Found found = null;
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return null;
            }
            for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
                parser.nextToken();
                if (member.equals("dist")) {
                    found = dist(version);
                } else {
                    parser.skipChildren();
                }
            }
            return found;
        }

        private @Nullable Found dist(String version) throws IOException {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return null;
            }
            String address = null;
            String integrity = null;
            String shasum = null;
            for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
                String text = parser.nextToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
                switch (member) {
                    case "tarball" -> address = text;
                    case "integrity" -> integrity = text;
                    case "shasum" -> shasum = text;
                    default -> {}
                }
                parser.skipChildren();
            }
            return address == null || !TarballAddresses.isHttp(address)
                    ? null
                    : new Found(version, address, integrity, shasum);
        }

        /** Returns the decoded path of an address, without the registry's own path. */
        private @Nullable String pathOf(String address) {
            int start = address.indexOf('/', address.indexOf("://") + 3);
            if (start < 0) {
                return null;
            }
            int end = start;
            while (end < address.length() && "?#".indexOf(address.charAt(end)) < 0) {
                end++;
            }
            try {
                String decoded = Escapes.decoded(address.substring(start, end));
                return decoded.startsWith(registryPath + '/') ? decoded.substring(registryPath.length()) : decoded;
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
    }
}

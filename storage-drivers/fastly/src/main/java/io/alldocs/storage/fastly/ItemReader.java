package io.alldocs.storage.fastly;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.cache.spi.ValueReceiver;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads entries and their heads from the items of a KV store. */
final class ItemReader {
    /** Bytes at the start of a value that show whether a head precedes the body. */
    private static final int START_BYTES = 16;

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes \\d+-\\d+/(\\d{1,18})");

    private static final int PARTIAL_CONTENT = 206;
    private static final int NO_SUCH_RANGE = 416;

    private final FastlyStore store;
    private final ItemPaths paths;
    private final ValueReceiver values;

    /** @param spoolDirectory for values over 1 MiB */
    ItemReader(FastlyStore store, ItemPaths paths, Path spoolDirectory) {
        this.store = store;
        this.paths = paths;
        this.values = new ValueReceiver(spoolDirectory);
    }

    /** An entry and the generation of its item. */
    record Item(StoredEntry entry, Optional<String> generation) {

        /** Returns the headers of a write that must replace this generation and nothing newer. */
        Map<String, String> unchanged() {
            return generation.map(value -> Map.of("if-generation-match", value)).orElse(Map.of());
        }
    }

    Optional<Item> get(String key) {
        return store.sendForItem(
                "read",
                key,
                store.api().get(paths.of(key)).accepting(FastlyStore.NOT_FOUND),
                reply -> item(key, reply));
    }

    private Item item(String key, ClientResponse reply) throws IOException {
        requireItem(reply);
        Body value = values.receive(reply.body(), reply.contentLength());
        StoredEntry entry =
                store.support().entry(key, Heads.json(metadata(reply)), value, FastlyApi.lastModified(reply));
        return new Item(entry, reply.headers().firstValue("generation"));
    }

    private static Optional<String> metadata(ClientResponse reply) {
        return reply.headers().firstValue("metadata");
    }

    /**
     * The part of an item that can be read without its whole value.
     *
     * @param start of the value, up to 16 bytes
     * @param sizeBytes of the whole value, empty if the response does not contain it
     */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Glance(Optional<String> metadata, byte[] start, OptionalLong sizeBytes, Instant storedAt) {}

    /**
     * Reads the metadata and the start of a value. If a server ignores the range, the connection cannot be reused, but
     * the result is still correct.
     */
    Optional<Glance> look(String verb, String key) {
        ClientRequest call = store.api()
                .get(paths.of(key))
                .withHeader("range", "bytes=0-" + (START_BYTES - 1))
                .accepting(FastlyStore.NOT_FOUND, NO_SUCH_RANGE);
        return store.sendForItem(verb, key, call, ItemReader::glance);
    }

    private static Glance glance(ClientResponse reply) throws IOException {
        if (reply.status() != NO_SUCH_RANGE) {
            requireItem(reply);
        }
        return new Glance(
                metadata(reply), reply.body().readNBytes(START_BYTES), size(reply), FastlyApi.lastModified(reply));
    }

    /** Refuses a response without a driver's metadata and without the generation, which each item has. */
    private static void requireItem(ClientResponse reply) throws IOException {
        FastlyApi.require(
                Heads.json(metadata(reply)).isPresent()
                        || reply.headers().firstValue("generation").isPresent(),
                "the header Generation of an item",
                reply);
    }

    /** Returns the size of the whole value; empty if the response does not contain it. */
    private static OptionalLong size(ClientResponse reply) {
        if (reply.status() == PARTIAL_CONTENT) {
            Matcher range = CONTENT_RANGE.matcher(
                    reply.headers().firstValue("content-range").orElse(""));
            return range.matches() ? OptionalLong.of(Long.parseLong(range.group(1))) : OptionalLong.empty();
        }
        return reply.status() == NO_SUCH_RANGE ? OptionalLong.empty() : reply.contentLength();
    }

    Optional<EntryMetadata> head(String key) {
        Optional<Glance> glance = look("read the head of", key);
        if (glance.isEmpty()) {
            return Optional.empty();
        }
        Optional<EntryMetadata> head = head(key, glance.get());
        return head.isPresent() ? head : get(key).map(item -> headOnly(item.entry()));
    }

    /** Returns the head; empty if more of the value must be read. */
    private Optional<EntryMetadata> head(String key, Glance glance) {
        Optional<String> json = Heads.json(glance.metadata());
        if (json.isPresent()) {
            return Optional.of(store.support().head(key, json.get()));
        }
        if (glance.sizeBytes().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StoredForm.head(
                    new ByteArrayInputStream(glance.start()), glance.sizeBytes().getAsLong(), glance.storedAt()));
        } catch (IntegrityException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Reading from memory failed", e);
        }
    }

    private static EntryMetadata headOnly(StoredEntry entry) {
        entry.body().close();
        return entry.head();
    }
}

package io.alldocs.storage.fastly;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.RequestException;
import io.alldocs.storage.fastly.ItemReader.Glance;
import io.alldocs.storage.fastly.ItemReader.Item;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Stores entries and their heads as items of a KV store, one per request. */
final class ItemWriter {
    /** Maximum number of times a value is read again because it was replaced during the operation. */
    private static final int CONFLICTS = 5;

    private final FastlyStore store;
    private final ItemPaths paths;
    private final ItemReader reader;
    private final Duration conflictDelay;

    ItemWriter(FastlyStore store, ItemPaths paths, ItemReader reader, Duration conflictDelay) {
        this.store = store;
        this.paths = paths;
        this.reader = reader;
        this.conflictDelay = conflictDelay;
    }

    void put(String key, EntryMetadata head, Body body) {
        store(key, head, body, null, "", Map.of());
    }

    boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        String write = UUID.randomUUID().toString();
        try {
            store(key, head, body, write, "?add=true", Map.of());
            return true;
        } catch (StorageException e) {
            if (!isRefused(e)) {
                throw e;
            }
            return wasSentBefore(e) && isOf(write, key, e);
        }
    }

    private boolean isOf(String write, String key, StorageException refused) {
        Optional<Glance> found = reader.look("store", key);
        if (found.isEmpty()) {
            throw store.support()
                    .failure(
                            "store",
                            key,
                            "a response was lost, and it is not yet known whether this write or another one succeeded; retry",
                            true,
                            refused);
        }
        return Heads.isOf(write, found.get().metadata());
    }

    private static boolean isRefused(StorageException e) {
        return e.getCause() instanceof RequestException answer
                && answer.status().orElse(0) == Failures.PRECONDITION_FAILED;
    }

    private static boolean wasSentBefore(StorageException e) {
        return e.getCause() instanceof RequestException answer && answer.attempts() > 1;
    }

    private void store(
            String key,
            EntryMetadata head,
            Body body,
            @Nullable String write,
            String query,
            Map<String, String> conditions) {
        store.support().nameOf(key, head, body);
        store.support().requireOpen();
        Value value = value(key, head, body, write);
        ClientRequest call = store.api()
                .put(paths.of(key) + query, value.bytes())
                .withHeader("content-type", "application/octet-stream")
                .withHeader("metadata", value.metadata())
                .withHeaders(conditions);
        store.send("store", key, call, ItemWriter::requireStored);
        store.seen();
    }

    private static boolean requireStored(ClientResponse reply) throws IOException {
        FastlyApi.require(reply.body().read() < 0, "the empty body of a confirmation", reply);
        return true;
    }

    /**
     * The contents of an item: the body with the head in the metadata. If the head is too large for metadata, both are
     * in one value.
     */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Value(byte[] bytes, String metadata) {}

    /** @param write name of a conditional write, or null */
    Value value(String key, EntryMetadata head, Body body, @Nullable String write) {
        String json = Heads.json(head);
        try {
            Body content = json == null ? StoredForm.join(head, body) : body;
            byte[] bytes = content.toByteArray();
            if (bytes.length != content.sizeBytes()) {
                throw new EOFException("it returned " + bytes.length + " of " + content.sizeBytes() + " bytes");
            }
            return new Value(bytes, Heads.metadata(json, write));
        } catch (IOException e) {
            throw store.support().unreadableBody("store", key, e);
        }
    }

    /**
     * Reads the value and writes it with the new head. Retries after a wait if the value is replaced meanwhile or a
     * read returned an older one: at most five times, within three seconds.
     */
    boolean putHead(String key, EntryMetadata head) {
        for (int conflicts = 0; ; conflicts++) {
            Optional<Item> found = reader.get(key);
            if (found.isEmpty()) {
                return false;
            }
            try (Body body = found.get().entry().body()) {
                EntryMetadata stored = found.get().entry().head();
                boolean same = stored.isOfSameBody(head);
                if (!same && (conflicts == CONFLICTS || stored.storedAt().isAfter(head.storedAt()))) {
                    return false;
                }
                if (same) {
                    store(key, head, body, null, "", found.get().unchanged());
                    return true;
                }
            } catch (StorageException e) {
                if (!isRefused(e) || conflicts == CONFLICTS) {
                    throw e;
                }
            }
            waitFor(key, conflictDelay.multipliedBy(1L << conflicts));
        }
    }

    private void waitFor(String key, Duration delay) {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            throw store.support().interrupted("store the head of", key, e);
        }
    }
}

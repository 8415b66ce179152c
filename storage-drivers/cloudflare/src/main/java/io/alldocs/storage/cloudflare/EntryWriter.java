package io.alldocs.storage.cloudflare;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.http.RequestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** Stores entries as values of a namespace, several values per request. */
final class EntryWriter {
    /**
     * Maximum size of a bulk write. The API accepts 100 MB, but a bulk write is held in memory and must finish within
     * the timeout of one request.
     */
    private static final int MAX_WRITE_BYTES = 16 << 20;

    /** Values above this size are sent in a request of their own. */
    private static final int MAX_SHARED_BYTES = 4 << 20;

    private final Namespace namespace;
    private final DriverSupport support;
    private final RequestBatcher<Write> writes;

    /** @param rate of the API, in requests per second */
    EntryWriter(Namespace namespace, DoubleSupplier rate) {
        this.namespace = namespace;
        this.support = namespace.support();
        this.writes = new RequestBatcher<>(KvApi.MAX_WRITE, MAX_WRITE_BYTES, rate, this::store);
    }

    void put(String key, EntryMetadata head, Body body) {
        String name = support.nameOf(key, head, body);
        support.requireOpen();
        KvValue value = value(key, head, body);
        if (value.content().sizeBytes() > MAX_SHARED_BYTES) {
            storeAlone(key, name, value);
        } else if (writes.enterAlone()) {
            try {
                storeAlone(key, name, value);
            } finally {
                writes.leave();
            }
        } else {
            Write write = write(key, name, value);
            namespace.share(writes, List.of(write), "store", key);
            requireStored(write);
        }
    }

    private KvValue value(String key, EntryMetadata head, Body body) {
        try {
            return KvValue.of(head, body);
        } catch (IOException e) {
            throw support.unreadableBody("store", key, e);
        }
    }

    private void storeAlone(String key, String name, KvValue value) {
        namespace.attempt("store", key, () -> {
            namespace.api().put(name, value);
            return name;
        });
        namespace.accepted();
    }

    private Write write(String key, String name, KvValue value) {
        try {
            return new Write(key, name, value.pair(name));
        } catch (IOException e) {
            throw support.unreadableBody("store", key, e);
        }
    }

    /** Stores entries in as many requests as needed. Stops at the first error; other entries may have been stored. */
    void putAll(Map<String, StoredEntry> entries) {
        support.requireAll(entries);
        List<Write> piece = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<String, StoredEntry> entry : entries.entrySet()) {
            String key = entry.getKey();
            String name = support.nameOf(key);
            KvValue value = value(key, entry.getValue().head(), entry.getValue().body());
            if (value.content().sizeBytes() > MAX_SHARED_BYTES) {
                storeAlone(key, name, value);
                continue;
            }
            Write write = write(key, name, value);
            if (piece.size() == KvApi.MAX_WRITE || bytes + write.sizeBytes() > MAX_WRITE_BYTES) {
                storeAll(piece);
                piece.clear();
                bytes = 0;
            }
            piece.add(write);
            bytes += write.sizeBytes();
        }
        storeAll(piece);
    }

    private void storeAll(List<Write> piece) {
        if (!piece.isEmpty()) {
            namespace.share(writes, piece, "store", piece.get(0).key);
            piece.forEach(EntryWriter::requireStored);
        }
    }

    /** A value to store in a shared request. */
    private static final class Write extends RequestBatcher.Item {
        private final String key;
        private final String name;
        private final byte[] pair;
        private int answers;

        Write(String key, String name, byte[] pair) {
            this.key = key;
            this.name = name;
            this.pair = pair;
        }

        @Override
        int sizeBytes() {
            return pair.length + 1;
        }
    }

    private static void requireStored(Write write) {
        if (write.failure() != null) {
            throw write.failure();
        }
    }

    /**
     * Stores a group. If a key has several values, only the last one is sent; readers cannot observe the difference.
     */
    private void store(List<Write> group) {
        Map<String, byte[]> pairs = new LinkedHashMap<>();
        group.forEach(write -> pairs.put(write.name, write.pair));
        Set<String> undone;
        try {
            undone = namespace.api().putAll(pairs.values());
        } catch (OperationInterruptedException e) {
            return; // the batcher ends the calls of this group
        } catch (RequestException e) {
            if (group.size() > 1 && (Namespace.isTooLarge(e) || namespace.isBad(e))) {
                Namespace.inHalves(group, this::store);
            } else {
                group.forEach(write -> write.fail(namespace.failures().ofGroup("store", write.key, pairs.size(), e)));
            }
            return;
        } catch (RefusedException e) {
            group.forEach(write -> write.fail(namespace.failures().ofGroup("store", write.key, pairs.size(), e)));
            return;
        }
        namespace.accepted();
        for (Write write : group) {
            if (!undone.contains(write.name)) {
                write.succeed();
            } else if (++write.answers == Failures.MAX_ANSWERS) {
                write.fail(namespace.failures().leftUndone("store", write.key));
            }
        }
    }

    /** For tests. */
    int waiting() {
        return writes.waiting();
    }

    /** Waits for writes in progress, and refuses later ones. */
    void close() {
        writes.close();
    }
}

package io.alldocs.storage.cloudflare;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.http.RequestException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Reads entries and their heads from the values of a namespace, several values per request if they are text. */
final class EntryReader {
    /** The time of every value, because the API does not return when a value was written. */
    private static final Instant UNKNOWN_TIME = Instant.EPOCH;

    private final Namespace namespace;
    private final DriverSupport support;
    private final RequestBatcher<Read> reads;

    /** Whether most values are text, which can be read in bulk. */
    private volatile boolean text = true;

    /** Content type of the API's values. Documented as this; not all servers of the API send it. */
    private volatile String type = "application/octet-stream";

    /** @param rate of the API, in requests per second */
    EntryReader(Namespace namespace, DoubleSupplier rate) {
        this.namespace = namespace;
        this.support = namespace.support();
        this.reads = new RequestBatcher<>(KvApi.MAX_READ, Integer.MAX_VALUE, rate, this::read);
    }

    Optional<StoredEntry> get(String key) {
        String name = support.nameOf(key);
        support.requireOpen();
        if (!text) {
            return readAlone(key, name);
        }
        if (reads.enterAlone()) {
            try {
                return readAlone(key, name);
            } finally {
                reads.leave();
            }
        }
        Read read = new Read(key, name);
        namespace.share(reads, List.of(read), "read", key);
        return found(read);
    }

    private Optional<StoredEntry> readAlone(String key, String name) {
        Optional<KvApi.Value> value =
                namespace.attempt("read", key, () -> namespace.api().value(name));
        return value.map(found -> {
            StoredEntry entry = support.entry(key, /* head= */ Optional.empty(), found.bytes(), UNKNOWN_TIME);
            if (entry.head().isBare() && !found.type().equals(type)) {
                confirm(key, name, found, entry);
            }
            return entry;
        });
    }

    /**
     * Checks that a value without a head comes from the API and is not the page of a proxy. The API must return it in
     * its envelope too. Later values of the same content type are not checked.
     */
    private void confirm(String key, String name, KvApi.Value value, StoredEntry entry) {
        try {
            if (!isConfirmed(key, name)) {
                throw support.foreignResponse(
                        "read",
                        key,
                        "HTTP 200 and content type \"" + value.type() + "\", but a bulk read did not find the value",
                        null);
            }
            type = value.type();
        } catch (RuntimeException e) {
            entry.body().close();
            throw e;
        }
    }

    private boolean isConfirmed(String key, String name) {
        try {
            return namespace.api().texts(List.of(name)).containsKey(name);
        } catch (RequestException e) {
            if (Namespace.isTooLarge(e) || namespace.isBad(e)) {
                // The API refuses to return this value in bulk, so it has answered.
                return true;
            }
            throw namespace.failures().of("read", key, e);
        } catch (RefusedException e) {
            throw namespace.failures().of("read", key, e);
        }
    }

    Map<String, StoredEntry> getAll(Collection<String> keys) {
        support.requireOpen();
        List<Read> all = new ArrayList<>();
        for (String key : new LinkedHashSet<>(keys)) {
            all.add(new Read(key, support.nameOf(key)));
        }
        if (all.isEmpty()) {
            return Map.of();
        }
        namespace.share(reads, all, "read", all.get(0).key);
        Map<String, StoredEntry> found = new LinkedHashMap<>();
        try {
            all.forEach(read -> found(read).ifPresent(entry -> found.put(read.key, entry)));
        } catch (RuntimeException e) {
            found.values().forEach(entry -> entry.body().close());
            throw e;
        }
        return found;
    }

    /** A key to read in a shared request. */
    private static final class Read extends RequestBatcher.Item {
        private final String key;
        private final String name;
        private Optional<StoredEntry> entry = Optional.empty();
        private boolean alone;

        Read(String key, String name) {
            this.key = key;
            this.name = name;
        }

        @Override
        int sizeBytes() {
            return 0;
        }
    }

    private Optional<StoredEntry> found(Read read) {
        if (read.failure() != null) {
            throw read.failure();
        }
        return read.alone ? readAlone(read.key, read.name) : read.entry;
    }

    /**
     * Reads values in bulk. Values that are not text are read individually later; so are all values if the API rejects
     * the request.
     */
    private void read(List<Read> group) {
        Map<String, KvAnswer.Text> texts;
        try {
            texts = namespace
                    .api()
                    .texts(group.stream().map(read -> read.name).distinct().toList());
        } catch (OperationInterruptedException e) {
            return; // the batcher ends the calls of this group
        } catch (RequestException e) {
            if (Namespace.isTooLarge(e) && group.size() > 1) {
                Namespace.inHalves(group, this::read);
            } else if (Namespace.isTooLarge(e) || namespace.isBad(e)) {
                group.forEach(EntryReader::leaveAlone);
            } else {
                group.forEach(read -> read.fail(namespace.failures().of("read", read.key, e)));
            }
            return;
        } catch (RefusedException e) {
            group.forEach(read -> read.fail(namespace.failures().of("read", read.key, e)));
            return;
        }
        namespace.accepted();
        int bytes = 0;
        for (Read read : group) {
            KvAnswer.Text found = texts.get(read.name);
            if (found == null) {
                read.succeed();
            } else if (!settle(read, found)) {
                bytes++;
            }
        }
        text = 2 * bytes <= group.size();
    }

    private static void leaveAlone(Read read) {
        read.alone = true;
        read.succeed();
    }

    /** @return whether the value is text */
    private static boolean settle(Read read, KvAnswer.Text found) {
        EntryMetadata head = bareHead(found);
        byte[] bytes = found.value().getBytes(StandardCharsets.UTF_8);
        boolean whole = head != null
                ? head.isBare() && head.sizeBytes() == bytes.length
                : found.value().indexOf('\uFFFD') < 0 && found.value().indexOf('\0') != 0;
        if (!whole) {
            leaveAlone(read);
            return false;
        }
        EntryMetadata known = head != null ? head : EntryMetadata.bare(bytes.length, null, UNKNOWN_TIME);
        read.entry = Optional.of(new StoredEntry(known, Body.of(bytes)));
        read.succeed();
        return true;
    }

    private static @Nullable EntryMetadata bareHead(KvAnswer.Text found) {
        try {
            return KvValue.head(found.metadata()).orElse(null);
        } catch (IntegrityException e) {
            // Another program wrote this value: it is a bare body.
            return null;
        }
    }

    Optional<EntryMetadata> head(String key) {
        Optional<String> metadata = metadata("read the head of", key);
        if (metadata.isEmpty()) {
            return Optional.empty();
        }
        Optional<EntryMetadata> head;
        try {
            head = KvValue.head(metadata.get());
        } catch (IntegrityException e) {
            throw support.damaged(key, e);
        }
        return head.isPresent() ? head : headOfValue(key);
    }

    /** Reads a head that was too large for metadata, or derives one for a value that another program wrote. */
    private Optional<EntryMetadata> headOfValue(String key) {
        Optional<StoredEntry> entry = readAlone(key, support.nameOf(key));
        entry.ifPresent(each -> each.body().close());
        return entry.map(StoredEntry::head);
    }

    boolean has(String key) {
        return metadata("look for", key).isPresent();
    }

    private Optional<String> metadata(String verb, String key) {
        String name = support.nameOf(key);
        return namespace.attempt(verb, key, () -> namespace.api().metadata(name));
    }

    /** Waits for the request in progress, and refuses later ones. */
    void close() {
        reads.close();
    }
}

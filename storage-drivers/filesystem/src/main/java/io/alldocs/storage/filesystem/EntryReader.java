package io.alldocs.storage.filesystem;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.spi.SriHash;
import java.io.IOException;
import java.util.Optional;

/** Reads entries: a record of the index, and the content that it refers to. */
final class EntryReader {
    private final Index index;
    private final ContentStore content;

    EntryReader(Index index, ContentStore content) {
        this.index = index;
        this.content = content;
    }

    Optional<StoredEntry> get(KeyHash key) throws IOException {
        Optional<IndexRecord> record = index.find(key);
        while (record.isPresent()) {
            Optional<Body> body = open(record.get());
            if (body.isPresent()) {
                return Optional.of(new StoredEntry(record.get().head(body.get().sizeBytes()), body.get()));
            }
            // Between the two reads, the value may have been replaced and the old content reclaimed.
            Optional<IndexRecord> now = index.find(key);
            if (now.equals(record)) {
                return Optional.empty();
            }
            record = now;
        }
        return Optional.empty();
    }

    private Optional<Body> open(IndexRecord record) throws IOException {
        Optional<SriHash> integrity = record.content();
        return integrity.isPresent() ? content.open(integrity.get()) : Optional.empty();
    }

    /** Returns the record of a key if its content exists with the right size. */
    Optional<IndexRecord> find(KeyHash key) throws IOException {
        return index.find(key)
                .filter(record -> record.content()
                        .filter(integrity -> content.isThere(integrity, record.sizeBytes()))
                        .isPresent());
    }

    /** Returns the head of a record whose content exists. */
    EntryMetadata headOf(IndexRecord record) {
        return record.head(record.content().map(content::sizeBytes).orElse(0L));
    }
}

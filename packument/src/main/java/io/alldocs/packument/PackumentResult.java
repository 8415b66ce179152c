package io.alldocs.packument;

import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The result for one name. The metadata is available immediately. A document that was found in the cache is read from
 * the store only on request. If all names of a run are stored, the run therefore costs one read of metadata per name.
 * Safe for concurrent use.
 *
 * <p>Closing a result is optional. It releases a document in a temporary file at once. Otherwise the file is deleted
 * when the result and its entries are unreachable. Everything except the document remains readable after
 * {@link #close()}.
 */
public final class PackumentResult implements AutoCloseable {

    private final String name;
    private final Outcome outcome;
    private final PackumentForm form;
    private final EntryMetadata head;
    private final EntrySource source;
    private final Supplier<Optional<CacheEntry>> reader;
    private final @Nullable CacheEntry loaded;
    private volatile boolean closed;

    private PackumentResult(
            String name,
            Outcome outcome,
            PackumentForm form,
            EntryMetadata head,
            EntrySource source,
            Supplier<Optional<CacheEntry>> reader,
            @Nullable CacheEntry loaded) {
        this.name = name;
        this.outcome = outcome;
        this.form = form;
        this.head = head;
        this.source = source;
        this.reader = reader;
        this.loaded = loaded;
    }

    /** Returns a result with a loaded entry, which the result closes. */
    static PackumentResult of(CacheEntry entry, String name, PackumentForm asked) {
        EntryMetadata head = entry.head();
        PackumentForm form = PackumentForm.of(head).orElse(asked);
        Outcome outcome = Outcome.of(head).orElseGet(() -> outcomeOfBody(entry, name, form));
        return new PackumentResult(name, outcome, form, head, entry.source(), () -> Optional.of(entry.share()), entry);
    }

    /**
     * Returns a result of which only the metadata is known.
     *
     * @param head metadata with an outcome
     * @param reader reads the entry from the store
     */
    static PackumentResult stored(
            EntryMetadata head, String name, PackumentForm form, Supplier<Optional<CacheEntry>> reader) {
        Outcome outcome = Outcome.of(head).orElseThrow();
        return new PackumentResult(name, outcome, form, head, EntrySource.HIT, reader, null);
    }

    /** Returns the normalized name. */
    public String name() {
        return name;
    }

    /** Returns the outcome of the registry's last response. */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * Returns the form of the document: the requested one, unless the registry sent the other (see
     * {@link PackumentClient}).
     */
    public PackumentForm form() {
        return form;
    }

    /** Returns the status, headers and times of the registry's last response. */
    public EntryMetadata head() {
        return head;
    }

    /**
     * Returns where this result came from. The source is also {@link EntrySource#HIT} if a mode that ignores age
     * found the result by its metadata.
     */
    public EntrySource source() {
        return source;
    }

    /**
     * Returns the {@code _rev} of the received document, whether it was stored or not. Empty if the document has none,
     * as in the abbreviated form and on many mirrors. If the response had no document, returns the revision of
     * {@link #lastGood()}.
     */
    public Optional<String> rev() {
        return Optional.ofNullable(head.rev());
    }

    /**
     * Returns the document that was received with this outcome: a packument (OK, SECURITY_HOLDER) or a stub
     * (UNPUBLISHED). Empty for the other outcomes, and if an earlier good packument was kept instead;
     * {@link #lastGood()} returns that one. Reads the store if the result is a hit.
     *
     * <p>Each call returns an entry that belongs to the caller. It remains readable after this result is closed.
     *
     * @throws IllegalStateException if this result is closed
     * @throws io.alldocs.cache.entry.IntegrityException if the stored bytes are damaged
     * @throws io.alldocs.cache.spi.StorageException if the store cannot be read
     */
    public Optional<CacheEntry> entry() {
        return switch (outcome) {
            case OK -> read();
            case UNPUBLISHED, SECURITY_HOLDER -> readIf(outcome);
            case NOT_FOUND, BLOCKED, MALFORMED, TOO_LARGE -> Optional.empty();
        };
    }

    /**
     * Returns the last packument that this cache received with outcome OK: {@link #entry()} itself, or the one that was
     * stored before the registry's response changed. Reads the store and throws exceptions like {@link #entry()}.
     */
    public Optional<CacheEntry> lastGood() {
        return outcome == Outcome.OK ? read() : readIf(Outcome.OK);
    }

    private Optional<CacheEntry> read() {
        if (closed) {
            throw new IllegalStateException("The document of " + PackageName.quote(name)
                    + " cannot be read, because its result is closed. Read it before you close the result. The"
                    + " requestAll methods close each result when the consumer returns.");
        }
        return reader.get();
    }

    /** Returns the entry if the stored bytes themselves indicate the outcome. */
    private Optional<CacheEntry> readIf(Outcome wanted) {
        Optional<CacheEntry> read = read();
        Optional<CacheEntry> accepted = read.filter(entry -> outcomeOfBody(entry, name, form) == wanted);
        if (accepted.isEmpty()) {
            read.ifPresent(CacheEntry::close);
        }
        return accepted;
    }

    /**
     * Parses the whole document of {@link #entry()}.
     *
     * @throws IllegalStateException if there is none, with outcome and status in the message; or if this result is
     *     closed
     * @throws io.alldocs.cache.entry.IntegrityException if the stored bytes are damaged
     */
    public JsonTree json() {
        try (CacheEntry document = document()) {
            return document.json();
        }
    }

    /**
     * Reads the document of {@link #entry()} as another type; see {@link CacheEntry#as}.
     *
     * @throws IllegalStateException if there is none, with outcome and status in the message; or if this result is
     *     closed
     * @throws io.alldocs.cache.entry.IntegrityException if the stored bytes are damaged, or cannot be read as
     *     {@code type}
     */
    public <T> T as(Class<T> type) {
        try (CacheEntry document = document()) {
            return document.as(type);
        }
    }

    private CacheEntry document() {
        return entry().orElseThrow(() -> new IllegalStateException("No document for " + PackageName.quote(name)
                + ": outcome " + outcome + " (HTTP " + head.status() + "). Check outcome() first."));
    }

    /**
     * Returns whether the registry has caught up with {@code rev}, a revision of this name in the registry's feed of
     * changes. The feed is ahead of the registry's caches. If the result is false, retry a few times later with
     * {@link io.alldocs.cache.CacheMode#NO_CACHE}.
     *
     * @return false if the document is of an earlier generation, or does not exist (404); true otherwise. The result is
     *     also true if one of the two revisions is missing or unreadable, because a retry would not change that
     */
    public boolean reaches(String rev) {
        return outcome != Outcome.NOT_FOUND && !Revision.isBehind(head.rev(), rev);
    }

    /**
     * Returns whether the stored packument is of an earlier generation than {@code rev}; false if one of the two
     * revisions is missing or unreadable.
     *
     * @param head metadata of a stored packument
     * @param rev a revision from a listing or the feed of the origin
     */
    public static boolean isBehind(EntryMetadata head, String rev) {
        return Revision.isBehind(head.rev(), rev);
    }

    /** Returns the name, outcome and source. */
    @Override
    public String toString() {
        return PackageName.quote(name) + ' ' + outcome + ' ' + source;
    }

    /** Releases the document that was loaded. Entries that were returned before remain readable. Idempotent. */
    @Override
    public void close() {
        closed = true;
        if (loaded != null) {
            loaded.close();
        }
    }

    /** Returns the outcome that the stored bytes themselves indicate; MALFORMED if there are none. */
    static Outcome outcomeOfBody(CacheEntry entry, String name, PackumentForm form) {
        if (entry.head().sizeBytes() == 0) {
            return Outcome.MALFORMED;
        }
        try (InputStream body = entry.bodyStream()) {
            return PackumentScan.scan(body, name, form).outcome();
        } catch (EOFException e) {
            return Outcome.MALFORMED;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the stored document of " + PackageName.quote(name), e);
        }
    }
}

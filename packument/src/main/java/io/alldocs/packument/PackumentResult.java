package io.alldocs.packument;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.EntryHead;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What became of one name. The head is at hand; a document that was found in the cache is read from the store when it is asked for, so that a run
 * over names that are all stored costs one head each. Immutable and safe for concurrent use.
 */
public final class PackumentResult {

    private final String name;
    private final Outcome outcome;
    private final PackumentForm form;
    private final EntryHead head;
    private final CacheEntry.Source source;
    private final Supplier<Optional<CacheEntry>> stored;

    PackumentResult(
            String name,
            Outcome outcome,
            PackumentForm form,
            EntryHead head,
            CacheEntry.Source source,
            Supplier<Optional<CacheEntry>> stored) {
        this.name = name;
        this.outcome = outcome;
        this.form = form;
        this.head = head;
        this.source = source;
        this.stored = stored;
    }

    /** The normalized name. */
    public String name() {
        return name;
    }

    /** What the registry's last answer was. */
    public Outcome outcome() {
        return outcome;
    }

    /** The form of the document: the one asked for, unless the registry sent the other (see {@link PackumentClient}). */
    public PackumentForm form() {
        return form;
    }

    /** Status, headers and times of the registry's last answer. */
    public EntryHead head() {
        return head;
    }

    /** Where this result came from; {@link CacheEntry.Source#HIT} also when a mode that does not look at age found it by its head. */
    public CacheEntry.Source source() {
        return source;
    }

    /**
     * The {@code _rev} of the document that came, whether it was kept or not; empty when it has none, as the abbreviated form and many mirrors' documents.
     * Where the outcome came without a document, that of {@link #lastGood()}.
     */
    public Optional<String> rev() {
        return Optional.ofNullable(head.rev());
    }

    /**
     * The document that came with this outcome: a packument (OK, SECURITY_HOLDER) or a stub (UNPUBLISHED). Empty for the other outcomes, and
     * where an earlier good packument was kept instead, which {@link #lastGood()} gives. Reads the store when the result is a hit.
     *
     * @throws io.alldocs.cache.IntegrityException when the stored bytes are damaged
     * @throws io.alldocs.cache.StorageException when the store cannot be read
     */
    public Optional<CacheEntry> entry() {
        return switch (outcome) {
            case OK -> stored.get();
            case UNPUBLISHED, SECURITY_HOLDER -> stored.get().filter(entry -> outcomeOfBody(entry) == outcome);
            case NOT_FOUND, BLOCKED, MALFORMED, TOO_LARGE -> Optional.empty();
        };
    }

    /**
     * The last packument this cache received with outcome OK: {@link #entry()} itself, or what was stored before the registry's answer changed.
     * Reads the store as {@link #entry()} does, and throws likewise.
     */
    public Optional<CacheEntry> lastGood() {
        return outcome == Outcome.OK ? stored.get() : stored.get().filter(entry -> outcomeOfBody(entry) == Outcome.OK);
    }

    /**
     * Parses the whole document of {@link #entry()}.
     *
     * @throws IllegalStateException when there is none; the message names outcome and status
     * @throws io.alldocs.cache.IntegrityException when the stored bytes are damaged
     */
    public JsonNode json() {
        return entry().orElseThrow(() -> new IllegalStateException("No document for " + PackageName.quote(name)
                        + ": outcome " + outcome + " (HTTP " + head.status() + "); look at outcome() first"))
                .json();
    }

    /**
     * Whether the registry has caught up with {@code rev}, a revision that its feed of changes gave for this name. The feed runs ahead of the
     * registry's caches, so a false here means: ask again in a while, with {@link io.alldocs.cache.CacheMode#NO_CACHE}, a few times.
     *
     * @return false when the document is of an earlier generation, or not there at all (404); true otherwise, also when one of the two revisions
     *     is missing or unreadable, because waiting would not change that
     */
    public boolean reaches(String rev) {
        return outcome != Outcome.NOT_FOUND && !Revision.isBehind(head.rev(), rev);
    }

    /**
     * Whether what is stored is of an earlier generation than {@code rev}; false when one of the two revisions is missing or unreadable.
     *
     * @param head of a stored packument
     * @param rev a revision that the origin lists or its feed gave
     */
    public static boolean isBehind(EntryHead head, String rev) {
        return Revision.isBehind(head.rev(), rev);
    }

    /** Name, outcome and source. */
    @Override
    public String toString() {
        return PackageName.quote(name) + ' ' + outcome + ' ' + source;
    }

    private Outcome outcomeOfBody(CacheEntry entry) {
        return outcomeOfBody(entry, name, form);
    }

    /** What the stored bytes themselves say; MALFORMED for none. */
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

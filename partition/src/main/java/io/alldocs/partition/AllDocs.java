package io.alldocs.partition;

import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.BodyReceiver.Received;
import io.alldocs.http.ClientResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Requests pages of {@code _all_docs}, and detects the last page of a range. Safe for concurrent use. */
final class AllDocs {
    private final Database database;
    private final int pageLimit;

    /** Whether a page of this origin has ever contained two rows. If so, the origin does not limit pages to one row. */
    private volatile boolean pagesHoldTwo;

    AllDocs(Database database, int pageLimit) {
        this.database = database;
        this.pageLimit = pageLimit;
    }

    /** Returns the first page of a range. */
    Page first(Partition range, RequestOptions options) {
        return ask(range.startOrNull(), range.endOrNull(), pageLimit, options);
    }

    /** Returns one row at or after a key, with its offset. */
    Page probe(@Nullable String key, RequestOptions options) {
        return ask(key, null, 1, options);
    }

    /** Returns the page after {@code page}, or empty if it is the last page of the range. */
    Optional<Page> after(Page page, Partition range, RequestOptions options) {
        return after(page, range, pageLimit, options);
    }

    /** Returns whether another page follows {@code page} in the range. Requests as few rows as possible. */
    boolean isFollowed(Page page, Partition range, RequestOptions options) {
        Optional<Page> next = after(page, range, 2, options);
        next.ifPresent(Page::close);
        return next.isPresent();
    }

    /**
     * Returns the next page, if any. A page is the last one if it contains the end key, or if no document follows it
     * according to the server's count. Otherwise, a request that starts at its last id must return no new rows. A short
     * page is no proof, because a server may send fewer rows than requested.
     */
    private Optional<Page> after(Page page, Partition range, int limit, RequestOptions options) {
        @Nullable String last = page.scan().last();
        @Nullable String end = range.endOrNull();
        if ((last != null && last.equals(end)) || page.scan().countsToTheEnd()) {
            return Optional.empty();
        }
        Page next = ask(last == null ? range.startOrNull() : last, end, limit, options);
        if (next.scan().rowsBeside(last, end) > 0) {
            return Optional.of(next);
        }
        next.close();
        return last == null || !isCappedAtOneRow(options)
                ? Optional.empty()
                : afterSuccessor(last, end, limit, options);
    }

    /**
     * Requests the page that starts at the successor of {@code last}. With pages of one row, a request that starts at
     * {@code last} would only repeat that row.
     */
    private Optional<Page> afterSuccessor(String last, @Nullable String end, int limit, RequestOptions options) {
        String successor = last + '\0';
        if (successor.equals(end)) {
            return Optional.empty();
        }
        Page next = ask(successor, end, limit, options);
        if (next.scan().rowsBeside(last, end) > 0) {
            return Optional.of(next);
        }
        next.close();
        return Optional.empty();
    }

    /**
     * Returns whether the origin may limit pages to one row. A database with one document sends the same responses. Its
     * count does not distinguish the two cases, because rows may have been added or deleted since {@code page} was
     * requested.
     */
    private boolean isCappedAtOneRow(RequestOptions options) {
        if (pagesHoldTwo) {
            return false;
        }
        try (Page probe = ask(null, null, 2, options)) {
            return probe.scan().rawRows() < 2;
        }
    }

    private Page ask(@Nullable String start, @Nullable String end, int limit, RequestOptions options) {
        String query = "/_all_docs?limit=" + limit + parameter("startkey", start) + parameter("endkey", end);
        Page page = database.get(
                query, options, PageScan::of, (reply, received, scan) -> read(reply, received, scan, start, end));
        if (page.scan().rawRows() > 1) {
            pagesHoldTwo = true;
        }
        return page;
    }

    private static String parameter(String name, @Nullable String key) {
        return key == null ? "" : "&" + name + "=" + Keys.percentEncode(Keys.json(key));
    }

    private static Page read(
            ClientResponse reply, Received received, PageScan scan, @Nullable String start, @Nullable String end)
            throws IOException {
        boolean good = false;
        try {
            requireInside(scan, start, end);
            good = true;
            return new Page(scan, received, reply.status(), reply.headers(), reply.uri());
        } finally {
            if (!good) {
                received.body().close();
            }
        }
    }

    private static void requireInside(PageScan scan, @Nullable String start, @Nullable String end) throws IOException {
        @Nullable String first = scan.first();
        @Nullable String last = scan.last();
        if (start != null && first != null && Keys.isBelow(first, start)) {
            throw new MalformedAnswerException(
                    "its first row " + Keys.quote(first) + " is below the start key " + Keys.quote(start));
        }
        if (end != null && last != null && Keys.isBelow(end, last)) {
            throw new MalformedAnswerException(
                    "its last row " + Keys.quote(last) + " is above the end key " + Keys.quote(end));
        }
    }
}

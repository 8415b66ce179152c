package io.alldocs.partition;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.http.BaseHttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code _changes} feed of a database. The client stores nothing. The feed contains the newest change of each
 * document, in the order of sequences. It may return a document more than once, so processing a change must be
 * idempotent. Safe for concurrent use.
 *
 * <p>There are no asynchronous calls, because each page begins at the sequence where the page before it ends.
 *
 * <p>Calls throw {@link io.alldocs.http.RequestException} if no usable response was received, and
 * {@link OriginException} if the response is not that of a CouchDB database.
 */
public final class ChangesClient implements AutoCloseable {
    private final BaseHttpClient http;
    private final boolean closesHttp;
    private final Database database;
    private final int pageLimit;

    ChangesClient(ChangesClientBuilder builder) {
        closesHttp = builder.http == null;
        http = builder.http != null ? builder.http : ClientParts.http(builder.env, builder.npmConfig);
        database = new Database(ClientParts.origin(builder.env, builder.origin), http, BodyReceiver.of(builder.env));
        pageLimit = builder.pageLimit;
    }

    /** Returns a builder in which every option has a default. */
    public static ChangesClientBuilder builder() {
        return new ChangesClientBuilder();
    }

    /**
     * Returns the changes that directly follow {@code since}.
     *
     * @param limit maximum number of results, 1 to 10,000; the server may send fewer even if more follow
     * @throws IllegalArgumentException if the limit is out of range
     */
    public ChangesPage page(Sequence since, int limit) {
        requireLimit(limit);
        String query = "/_changes?limit=" + limit + "&since=" + Keys.percentEncode(since.toString());
        return database.get(query, RequestOptions.DEFAULT, text -> read(since, text));
    }

    /**
     * Reads the changes after {@code since}, page by page, up to the end of the feed. The replay ends at a page without
     * results. It also ends at a page that is not full and has reached the sequence that the database had when the
     * replay began.
     *
     * @param pages called with each page on the calling thread; an exception that it throws ends the replay and is
     *     rethrown to the caller
     * @throws SequenceResetException if the database's sequence is a number below {@code since} in two consecutive
     *     responses; a single response may come from a backend that lags behind
     */
    public ChangesSummary replay(Sequence since, Consumer<? super ChangesPage> pages) {
        Sequence goal = currentSequence(since);
        Sequence position = since;
        long pageCount = 0;
        long changes = 0;
        long deleted = 0;
        while (true) {
            ChangesPage page = page(position, pageLimit);
            if (page.rawResults() == 0) {
                return new ChangesSummary(since, position, pageCount, changes, deleted);
            }
            requireProgress(position, page);
            pages.accept(page);
            pageCount++;
            changes += page.changes().size();
            deleted += page.changes().stream().filter(Change::deleted).count();
            position = page.lastSeq();
            if (page.rawResults() < pageLimit && goal.number().isPresent() && !position.isBefore(goal)) {
                return new ChangesSummary(since, position, pageCount, changes, deleted);
            }
        }
    }

    private Sequence currentSequence(Sequence since) {
        Sequence current = info().updateSeq();
        if (current.isBefore(since)) {
            current = info().updateSeq();
        }
        if (current.isBefore(since)) {
            throw new SequenceResetException(database.toString(), since, current);
        }
        return current;
    }

    private void requireProgress(Sequence position, ChangesPage page) {
        if (page.lastSeq().equals(position) || page.lastSeq().isBefore(position)) {
            throw new OriginException(
                    "The changes feed of " + database + " made no progress: it"
                            + " returned " + page.rawResults() + " changes after sequence " + position + ", but its"
                            + " last sequence is " + page.lastSeq() + ". Retry the replay later.",
                    200,
                    null);
        }
    }

    /**
     * Returns the database's information about itself. Read its {@code updateSeq} before a walk, and replay the feed
     * from there after the walk.
     */
    public OriginInfo info() {
        return database.info();
    }

    private static ChangesPage read(Sequence since, InputStream text) throws IOException {
        try (JsonParser parser = Json.parser(text)) {
            return new Reader(parser, since).read();
        } catch (JsonProcessingException e) {
            throw new MalformedAnswerException("the body is not JSON", e);
        }
    }

    /** Reads one response in a single pass. */
    private static final class Reader {
        private final JsonParser parser;
        private final Sequence since;
        private final List<Change> changes = new ArrayList<>();
        private @Nullable Sequence lastSeq;
        private int rawResults = -1;

        Reader(JsonParser parser, Sequence since) {
            this.parser = parser;
            this.since = since;
        }

        ChangesPage read() throws IOException {
            parser.nextToken();
            Json.expect(parser, JsonToken.START_OBJECT, "expected a JSON object");
            for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
                parser.nextToken();
                switch (field) {
                    case "results" -> results();
                    case "last_seq" -> lastSeq = Database.sequence(Json.tree(parser));
                    default -> parser.skipChildren();
                }
            }
            Json.expectEnd(parser);
            if (rawResults < 0 || lastSeq == null) {
                throw new MalformedAnswerException("the JSON object has no \"results\" and \"last_seq\"");
            }
            return new ChangesPage(since, changes, lastSeq, rawResults);
        }

        private void results() throws IOException {
            Json.expect(parser, JsonToken.START_ARRAY, "\"results\" is not an array");
            rawResults = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                Json.expect(parser, JsonToken.START_OBJECT, "expected a change");
                Change change = change(Json.tree(parser));
                if (!Keys.isDesignDocument(change.id())) {
                    changes.add(change);
                }
                rawResults++;
            }
        }

        private static Change change(JsonNode json) throws MalformedAnswerException {
            JsonNode id = json.path("id");
            JsonNode rev = json.path("changes").path(0).path("rev");
            if (!id.isTextual() || !rev.isTextual()) {
                throw new MalformedAnswerException("a change has no \"id\" or revision");
            }
            return new Change(
                    Database.sequence(json.path("seq")),
                    id.textValue(),
                    rev.textValue(),
                    json.path("deleted").asBoolean(false));
        }
    }

    /** Closes the HTTP client unless it was passed to the builder. */
    @Override
    public void close() {
        if (closesHttp) {
            http.close();
        }
    }

    static void requireLimit(int limit) {
        if (limit < 1 || limit > Database.MAX_PAGE) {
            throw new IllegalArgumentException(
                    "The limit must be between 1 and " + Database.MAX_PAGE + " results, but is " + limit + ".");
        }
    }
}

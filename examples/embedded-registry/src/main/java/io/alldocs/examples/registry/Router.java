package io.alldocs.examples.registry;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Maps a request to the response that npm would send. */
final class Router {
    private static final int DEFAULT_LIMIT = 1_000;
    private static final int MAX_LIMIT = 10_000;
    private static final String DATABASE = "registry";
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Database database;
    private final Packuments packuments;
    private final Faults faults;
    private final AllDocsPage allDocs;
    private final ChangesPage changes;

    Router(Database database, Packuments packuments, Faults faults, boolean opaqueSequences) {
        this.database = database;
        this.packuments = packuments;
        this.faults = faults;
        this.allDocs = new AllDocsPage(database);
        this.changes = new ChangesPage(database, opaqueSequences);
    }

    /** The parsed request: the endpoint, the name of a packument (otherwise empty), and the query. */
    record Target(Endpoint endpoint, byte[] name, String query) {
        static Target of(String uri) {
            int mark = uri.indexOf('?');
            String path = mark < 0 ? uri : uri.substring(0, mark);
            String query = mark < 0 ? "" : uri.substring(mark + 1);
            return switch (path) {
                case "/", "/registry", "/registry/" -> new Target(Endpoint.INFO, new byte[0], query);
                case "/_all_docs", "/registry/_all_docs" -> new Target(Endpoint.ALL_DOCS, new byte[0], query);
                case "/_changes", "/registry/_changes" -> new Target(Endpoint.CHANGES, new byte[0], query);
                default -> new Target(Endpoint.PACKUMENT, name(path), query);
            };
        }

        private static byte[] name(String path) {
            try {
                return URLDecoder.decode(path.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8)
                        .getBytes(StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return path.getBytes(StandardCharsets.UTF_8);
            }
        }
    }

    Response reply(Target target, HttpHeaders headers) {
        try {
            return switch (target.endpoint()) {
                case INFO -> info();
                case ALL_DOCS -> allDocs(Query.parse(target.query()));
                case CHANGES -> changes(Query.parse(target.query()));
                case PACKUMENT -> packument(target.name(), headers);
            };
        } catch (Query.BadRequest e) {
            return Response.error(400, "Bad Request");
        }
    }

    private Response info() {
        resetSequencesIfDue(Endpoint.INFO);
        ByteWriter out = new ByteWriter(128);
        out.put("{\"db_name\":\"" + DATABASE + "\",\"doc_count\":")
                .putNumber(database.names().size());
        changes.writeSeq(out.put(",\"update_seq\":"), database.feed().updateSeq());
        return Response.of(200, "application/json", out.put((byte) '}').toByteArray());
    }

    private Response allDocs(Query query) {
        refuse(query, "skip", "descending", "inclusive_end");
        if (query.isTrue("include_docs") || query.isTrue("update_seq")) {
            throw new Query.BadRequest("refused by npm");
        }
        faults.strike(Fault.Kind.DRIFT, Endpoint.ALL_DOCS).ifPresent(fault -> database.drift());
        int limit = query.limit(DEFAULT_LIMIT, pageCap(Endpoint.ALL_DOCS));
        byte[] body = query.has("keys")
                ? allDocs.keys(query.keys())
                : allDocs.range(start(query), query.key("endkey", "end_key"), limit, offsets());
        return Response.of(200, "application/json", body);
    }

    private static byte @Nullable [] start(Query query) {
        byte[] start = query.key("startkey", "start_key");
        String id = query.get("startkey_docid");
        if (start != null || id == null) {
            return start;
        }
        return id.startsWith("\"") ? query.key("startkey_docid") : Query.utf8(id);
    }

    private static void refuse(Query query, String... parameters) {
        for (String parameter : parameters) {
            if (query.has(parameter)) {
                throw new Query.BadRequest(parameter);
            }
        }
    }

    private AllDocsPage.Offsets offsets() {
        if (faults.strike(Fault.Kind.ZERO_OFFSET, Endpoint.ALL_DOCS).isPresent()) {
            return AllDocsPage.Offsets.ZERO;
        }
        return faults.strike(Fault.Kind.NULL_OFFSET, Endpoint.ALL_DOCS).isPresent()
                ? AllDocsPage.Offsets.NULL
                : AllDocsPage.Offsets.EXACT;
    }

    private int pageCap(Endpoint endpoint) {
        return faults.strike(Fault.Kind.PAGE_CAP, endpoint).map(Fault::number).orElse(MAX_LIMIT);
    }

    private Response changes(Query query) {
        String feed = query.get("feed");
        if (query.isTrue("include_docs") || (feed != null && !feed.equals("normal"))) {
            throw new Query.BadRequest("refused by npm");
        }
        resetSequencesIfDue(Endpoint.CHANGES);
        int limit = Math.max(1, query.limit(DEFAULT_LIMIT, pageCap(Endpoint.CHANGES)));
        return Response.of(200, "application/json", changes.page(since(query), limit, query.isTrue("descending")));
    }

    private long since(Query query) {
        String since = query.get("since");
        if (since == null) {
            return 0;
        }
        if (since.equals("now")) {
            return database.feed().updateSeq();
        }
        String number = since.replaceAll("^\"|-.*$|\"$", "");
        if (!number.matches("\\d{1,18}")) {
            throw new Query.BadRequest("since");
        }
        return Long.parseLong(number);
    }

    private void resetSequencesIfDue(Endpoint endpoint) {
        faults.strike(Fault.Kind.SEQUENCE_RESET, endpoint).ifPresent(fault -> database.restartSequences());
    }

    private Response packument(byte[] name, HttpHeaders headers) {
        boolean stale = faults.strike(Fault.Kind.STALE, Endpoint.PACKUMENT).isPresent();
        Database.Document document = stale ? database.before(name) : database.find(name);
        if (document == null) {
            return Response.error(404, "Not found");
        }
        return switch (document.state()) {
            case NOT_FOUND -> Response.error(404, "Not found");
            case BLOCKED -> Response.error(451, "Unavailable For Legal Reasons");
            case FORBIDDEN -> Response.error(403, "Forbidden");
            default -> packument(document, headers);
        };
    }

    private Response packument(Database.Document document, HttpHeaders headers) {
        PackumentForm form = Accepts.form(headers.get(HttpHeaderNames.ACCEPT));
        String etag = database.revision().etag(document.name(), document.generation(), document.state(), form);
        Instant modified = packuments.modified(document);
        boolean unchanged = isUnchanged(headers, etag, modified)
                && faults.strike(Fault.Kind.NO_304, Endpoint.PACKUMENT).isEmpty();
        Response reply = unchanged ? Response.notModified() : body(document, form, headers);
        return reply.header("etag", etag)
                .header("last-modified", HTTP_DATE.format(modified))
                .header("cache-control", "public, max-age=300")
                .header("vary", "accept-encoding, accept");
    }

    private Response body(Database.Document document, PackumentForm form, HttpHeaders headers) {
        return Accepts.gzip(headers.get(HttpHeaderNames.ACCEPT_ENCODING))
                ? Response.gzip(200, form.contentType(), packuments.gzip(document, form))
                : Response.of(200, form.contentType(), packuments.body(document, form));
    }

    private static boolean isUnchanged(HttpHeaders headers, String etag, Instant modified) {
        String tags = headers.get(HttpHeaderNames.IF_NONE_MATCH);
        if (tags != null) {
            return tags.strip().equals("*") || tags.contains(etag);
        }
        String since = headers.get(HttpHeaderNames.IF_MODIFIED_SINCE);
        return since != null
                && parseDate(since).filter(date -> !modified.isAfter(date)).isPresent();
    }

    private static Optional<Instant> parseDate(String date) {
        try {
            return Optional.of(Instant.from(HTTP_DATE.parse(date)));
        } catch (DateTimeParseException e) {
            return Optional.empty(); // RFC 9110 §13.1.3: an invalid date is ignored
        }
    }

    static String httpDate(Instant instant) {
        return HTTP_DATE.format(instant);
    }
}

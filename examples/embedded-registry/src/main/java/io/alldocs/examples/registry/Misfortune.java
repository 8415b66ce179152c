package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** The responses that faults send instead of the correct response. */
final class Misfortune {
    private static final Fault.Kind[] WRONG_BODIES = {Fault.Kind.EMPTY_BODY, Fault.Kind.HTML, Fault.Kind.OTHER_JSON};

    private Misfortune() {}

    /** Returns the response of a fault; empty if no fault replaces the correct response. */
    static Optional<Response> instead(Faults faults, Endpoint endpoint) {
        return faults.strike(Fault.Kind.STATUS, endpoint)
                .map(Misfortune::status)
                .or(() -> wrongBody(faults, endpoint));
    }

    private static Response status(Fault fault) {
        Response reply = body(fault.number());
        fault.retryAfter()
                .ifPresent(retry -> reply.header(
                        "retry-after",
                        retry.date()
                                ? Router.httpDate(Instant.now().plus(retry.delay()))
                                : Long.toString(retry.delay().toSeconds())));
        return reply;
    }

    private static Response body(int status) {
        return switch (status) {
            case 401 -> Response.error(status, "Unauthorized").header("www-authenticate", "Bearer");
            case 403 -> Response.error(status, "Forbidden");
            case 429 ->
                text(status, "error code: 1015")
                        .header("cache-control", "no-store")
                        .header("connection", "close");
            case 502, 504, 520, 521, 522, 523, 524, 525, 526 ->
                Response.of(status, "text/html; charset=UTF-8", page("The server answered " + status));
            case 503 -> text(status, "Service Unavailable");
            default -> Response.error(status, status < 500 ? "Request refused" : "Internal Server Error");
        };
    }

    private static Optional<Response> wrongBody(Faults faults, Endpoint endpoint) {
        Optional<Fault> any = faults.strike(Fault.Kind.WRONG_JSON, endpoint);
        if (any.isPresent()) {
            return Optional.of(wrong(WRONG_BODIES[(int) (faults.hits(any.get().switchName()) % WRONG_BODIES.length)]));
        }
        for (Fault.Kind kind : WRONG_BODIES) {
            if (faults.strike(kind, endpoint).isPresent()) {
                return Optional.of(wrong(kind));
            }
        }
        return Optional.empty();
    }

    private static Response wrong(Fault.Kind kind) {
        return switch (kind) {
            case EMPTY_BODY -> Response.of(200, "application/json", new byte[0]);
            case HTML -> Response.of(200, "text/html; charset=UTF-8", page("Welcome"));
            default -> Response.json(200, "{\"ok\":true,\"status\":\"up\"}");
        };
    }

    private static Response text(int status, String text) {
        return Response.of(status, "text/plain; charset=UTF-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] page(String heading) {
        return ("<!DOCTYPE html>\n<html><head><title>" + heading + "</title></head><body><h1>" + heading
                        + "</h1></body></html>\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}

package io.alldocs.packument;

import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.JsonText;
import io.alldocs.cache.body.UnknownContentCodingException;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.IntermediaryResponseException;
import io.alldocs.http.UnknownCodingException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Receives the bodies of responses and determines what they are. A body is the packument of a name, a stub, or
 * something that the registry did not send. Used for the attempts of one request, by one thread.
 */
final class BodyClassifier {
    private final BodyReceiver receiver;
    private final Registry registry;
    private final String name;

    /**
     * Digest of a body that is not a packument. If the same bytes are received twice, they come from the registry and
     * were not damaged or replaced on the way.
     */
    private @Nullable String seenOnce;

    BodyClassifier(BodyReceiver receiver, Registry registry, String name) {
        this.receiver = receiver;
        this.registry = registry;
        this.name = name;
    }

    /** A document from the registry, and what it is. The caller closes the body. */
    record Document(BodyReceiver.Received received, PackumentScan.Finding finding) {}

    /**
     * Receives a document in one pass, in which it is also stored, checked and scanned.
     *
     * @throws IntermediaryResponseException if the document is not from the registry
     * @throws IOException if the document is incomplete or not a packument, for the first time; a retry may receive one
     */
    Document document(ClientResponse reply, PackumentForm form) throws IOException {
        BodyReceiver.Read<Scan> read = receive(reply, text -> scan(text, form));
        boolean isClassified = false;
        try {
            Document document = new Document(read.received(), finding(reply, read.value(), read.received()));
            isClassified = true;
            return document;
        } finally {
            if (!isClassified) {
                read.received().body().close();
            }
        }
    }

    /** Receives a body, discards it, and returns whether it was JSON. */
    boolean isJson(ClientResponse reply) throws IOException {
        BodyReceiver.Received received = receive(reply, text -> Boolean.TRUE).received();
        received.body().close();
        return received.json().isJson();
    }

    /**
     * Records that a response is not from the registry.
     *
     * @param more what the message says after status and content type
     * @return the exception to throw
     * @throws NotARegistryException if there were too many such responses in a row
     */
    IntermediaryResponseException notFromRegistry(ClientResponse reply, String more) {
        String type = reply.headers().firstValue("content-type").orElse("no content type");
        String what = "HTTP " + reply.status() + " and " + type + more;
        registry.recordIntermediary(name, what);
        return new IntermediaryResponseException(what);
    }

    private <T> BodyReceiver.Read<T> receive(ClientResponse reply, BodyReceiver.TextReader<T> reader)
            throws IOException {
        String encoding = String.join(", ", reply.headers().allValues("content-encoding"));
        try {
            return receiver.receive(reply.body(), encoding, reply.contentLength(), reader);
        } catch (UnknownContentCodingException e) {
            throw new UnknownCodingException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The result of scanning the beginning of the document; null if the document is truncated before the scan has a
     * result.
     */
    private record Scan(PackumentScan.@Nullable Finding finding) {}

    private Scan scan(InputStream text, PackumentForm form) throws IOException {
        try {
            return new Scan(PackumentScan.scan(text, name, form));
        } catch (EOFException e) {
            return new Scan(null);
        }
    }

    private PackumentScan.Finding finding(ClientResponse reply, Scan scan, BodyReceiver.Received body)
            throws IOException {
        boolean again = body.integrity().equals(seenOnce);
        if (body.json() == JsonText.EMPTY && again) {
            throw notFromRegistry(reply, " without a body");
        }
        PackumentScan.Finding finding = scan.finding();
        if (body.json().isJson() && finding != null && finding.outcome() != Outcome.MALFORMED) {
            return finding;
        }
        boolean cut = body.json() == JsonText.CUT;
        if (cut && reply.endsWithConnection() && body.encoding() == null) {
            seenOnce = body.integrity();
            throw new EOFException("The connection ended inside the JSON text of the document.");
        }
        if (body.json() == JsonText.MARKUP || !(cut || claimsJson(reply))) {
            throw notFromRegistry(reply, "");
        }
        if (again) {
            return new PackumentScan.Finding(Outcome.MALFORMED, null);
        }
        seenOnce = body.integrity();
        throw cut
                ? new EOFException("The JSON text of the document is truncated.")
                : new StreamCorruptedException("The document is not a packument of " + PackageName.quote(name) + ".");
    }

    private static boolean claimsJson(ClientResponse reply) {
        String type = reply.headers().firstValue("content-type").orElse("").toLowerCase(Locale.ROOT);
        int end = type.indexOf(';');
        String media = (end < 0 ? type : type.substring(0, end)).strip();
        return media.endsWith("/json") || media.endsWith("+json");
    }
}

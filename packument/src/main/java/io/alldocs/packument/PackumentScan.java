package io.alldocs.packument;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Determines what a document is without parsing it completely. Reads tokens until the outcome is known; in npm's order
 * of members, that is at the first version. Members may come in any order; more of the document is then read. Not
 * thread-safe, for one document.
 */
final class PackumentScan {

    /**
     * The result of a scan.
     *
     * @param outcome OK, UNPUBLISHED, SECURITY_HOLDER or MALFORMED
     * @param rev {@code _rev}, if it is text and preceded the tokens that determined the outcome; CouchDB writes
     *     {@code _id} and {@code _rev} first
     */
    record Finding(Outcome outcome, @Nullable String rev) {}

    /**
     * Prefix of the versions that npm publishes in place of packages that it took down: {@code 0.0.1-security},
     * {@code 0.0.1-security.0} …
     */
    private static final String SECURITY_VERSION = "0.0.1-security";

    private static final String SECURITY_DESCRIPTION = "security holding package";
    private static final String SECURITY_REPOSITORY = "npm/security-holder";

    /** Maximum length of a revision, which is a number and 32 hexadecimal digits. The limit keeps metadata small. */
    private static final int MAX_REV_CHARS = 100;

    private final JsonParser parser;
    private final String asked;
    private final PackumentForm form;

    private @Nullable String name;
    private @Nullable String id;
    private @Nullable String rev;
    private boolean versions;
    private boolean oddVersions;
    private boolean securityVersions;
    private boolean ordinaryVersions;
    private boolean securityMark;
    private boolean unpublished;

    private PackumentScan(JsonParser parser, String asked, PackumentForm form) {
        this.parser = parser;
        this.asked = asked;
        this.form = form;
    }

    /**
     * @param decoded the document's text; not closed
     * @param asked name that was requested
     * @param form form of the document according to the response
     * @throws EOFException if the text is empty or ends inside the document; it was truncated, and a retry may return
     *     the whole
     * @throws IOException if {@code decoded} cannot be read
     */
    static Finding scan(InputStream decoded, String asked, PackumentForm form) throws IOException {
        EndSensor text = new EndSensor(decoded);
        try (JsonParser parser = DocumentJson.parser(text).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) {
            return new PackumentScan(parser, asked, form).scan(text);
        }
    }

    private Finding scan(EndSensor text) throws IOException {
        boolean object = false;
        try {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new EOFException("The document is empty.");
            }
            object = first == JsonToken.START_OBJECT;
            return object ? scanMembers() : new Finding(Outcome.MALFORMED, null);
        } catch (JsonProcessingException e) {
            if (object && text.ended) {
                throw (IOException) new EOFException("The JSON text of the document is truncated.").initCause(e);
            }
            return new Finding(Outcome.MALFORMED, null);
        }
    }

    private Finding scanMembers() throws IOException {
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            parser.nextToken();
            read(member);
            if (name != null && (ordinaryVersions || !name.equals(asked))) {
                return finding(); // nothing that follows can change the outcome
            }
        }
        return finding();
    }

    /**
     * Records whether a parser read past the end. Jackson reports a truncated literal as invalid instead of as an early
     * end.
     */
    private static final class EndSensor extends FilterInputStream {
        private boolean ended;

        EndSensor(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int octet = super.read();
            ended |= octet < 0;
            return octet;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            ended |= count < 0;
            return count;
        }
    }

    private void read(String member) throws IOException {
        switch (member) {
            case "name" -> name = textOrEmpty();
            case "_id" -> id = textOrEmpty();
            case "_rev" -> rev = revision();
            case "versions" -> readVersions();
            case "time" -> readTime();
            case "description" -> readDescription();
            case "repository" -> readRepository();
            default -> parser.skipChildren();
        }
    }

    private Finding finding() {
        return new Finding(outcome(), rev);
    }

    private Outcome outcome() {
        if (!asked.equals(name != null ? name : id)) {
            return Outcome.MALFORMED;
        }
        if (ordinaryVersions) {
            return Outcome.OK;
        }
        if (securityVersions) {
            return securityMark || form == PackumentForm.ABBREVIATED ? Outcome.SECURITY_HOLDER : Outcome.OK;
        }
        if (unpublished || (form == PackumentForm.ABBREVIATED && !oddVersions)) {
            return Outcome.UNPUBLISHED;
        }
        return versions ? Outcome.OK : Outcome.MALFORMED;
    }

    /** Returns the string, or the empty string for any other value; the empty string equals no name. */
    private String textOrEmpty() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        parser.skipChildren();
        return "";
    }

    private @Nullable String revision() throws IOException {
        String text = textOrEmpty();
        return text.isEmpty() || text.length() > MAX_REV_CHARS ? null : text;
    }

    private void readVersions() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            oddVersions = true;
            parser.skipChildren();
            return;
        }
        versions = true;
        for (String version = parser.nextFieldName(); version != null; version = parser.nextFieldName()) {
            if (isSecurityVersion(version)) {
                securityVersions = true;
                parser.nextToken();
                readManifest();
                continue;
            }
            ordinaryVersions = true;
            if (name != null) {
                return;
            }
            parser.nextToken();
            parser.skipChildren();
        }
    }

    /**
     * Reads the description and repository of a security version. Mirrors keep them here when they drop them at the top
     * level.
     */
    private void readManifest() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            parser.nextToken();
            switch (member) {
                case "description" -> readDescription();
                case "repository" -> readRepository();
                default -> parser.skipChildren();
            }
        }
    }

    private void readTime() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            unpublished |= member.equals("unpublished") && value != JsonToken.VALUE_NULL;
            parser.skipChildren();
        }
    }

    private void readDescription() throws IOException {
        securityMark |= textOrEmpty().equals(SECURITY_DESCRIPTION);
    }

    /** Reads a string, or an object with a member {@code url}. */
    private void readRepository() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            securityMark |= textOrEmpty().contains(SECURITY_REPOSITORY);
            return;
        }
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            parser.nextToken();
            if (member.equals("url")) {
                securityMark |= textOrEmpty().contains(SECURITY_REPOSITORY);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static boolean isSecurityVersion(String version) {
        return version.equals(SECURITY_VERSION)
                || version.startsWith(SECURITY_VERSION + '.')
                || version.startsWith(SECURITY_VERSION + '-');
    }
}

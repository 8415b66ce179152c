package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.alldocs.packument.DocumentJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Transforms a packument while it is read: abbreviates it, rewrites the addresses of tarballs, or both. At any time,
 * only one member of the document, or one of its versions, is in memory. Not thread-safe.
 *
 * <p>The abbreviated form is npm's: {@code name}, {@code modified}, {@code dist-tags} and, for each version, what an
 * installer needs. Its members are those of <a
 * href="https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md">npm's description</a> and those
 * that were added since, such as {@code cpu}, {@code os} and {@code libc}. The installers of npm and pnpm read all of
 * them. {@code hasInstallScript} is computed from the scripts, which the form omits. A form that is already abbreviated
 * loses nothing.
 */
final class PackumentRewrite extends InputStream {

    /** Returns the address to write for a version's {@code dist.tarball}. */
    @FunctionalInterface
    interface Tarballs {
        /** Keeps addresses unchanged. */
        Tarballs SAME = (version, tarball) -> tarball;

        String of(String version, String tarball);
    }

    private static final Set<String> DOCUMENT_MEMBERS = Set.of("name", "modified", "dist-tags");

    private static final Set<String> VERSION_MEMBERS = Set.of(
            "_hasShrinkwrap",
            "acceptDependencies",
            "bin",
            "bundleDependencies",
            "bundledDependencies",
            "cpu",
            "dependencies",
            "deprecated",
            "devDependencies",
            "directories",
            "dist",
            "engines",
            "funding",
            "hasInstallScript",
            "libc",
            "name",
            "optionalDependencies",
            "os",
            "peerDependencies",
            "peerDependenciesMeta",
            "version");

    /** Scripts that an installer runs. */
    private static final Set<String> INSTALL_SCRIPTS = Set.of("preinstall", "install", "postinstall");

    private final InputStream source;
    private final JsonParser parser;
    private final JsonGenerator generator;
    private final Window written = new Window();
    private final boolean abbreviated;
    private final Tarballs tarballs;

    private boolean begun;
    private boolean inVersions;
    private boolean ended;
    private boolean modified;

    /**
     * @param decoded the document's text; closed with this stream
     * @param abbreviated whether only the members of the abbreviated form are kept
     * @param tarballs returns the address to write for each {@code dist.tarball}
     */
    PackumentRewrite(InputStream decoded, boolean abbreviated, Tarballs tarballs) throws IOException {
        this.source = decoded;
        this.abbreviated = abbreviated;
        this.tarballs = tarballs;
        this.parser = DocumentJson.parser(decoded);
        this.generator = DocumentJson.factory().createGenerator(written);
    }

    @Override
    public int read() throws IOException {
        return fill() ? written.take() : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        return fill() ? written.take(buffer, offset, length) : -1;
    }

    @Override
    public void close() throws IOException {
        // Do not close the generator: it would complete a document that was not read to its end.
        parser.close();
        source.close();
    }

    private boolean fill() throws IOException {
        while (written.isEmpty()) {
            if (ended) {
                return false;
            }
            step();
        }
        return true;
    }

    /** Processes one member of the document, or one version. */
    private void step() throws IOException {
        if (!begun) {
            require(parser.nextToken(), JsonToken.START_OBJECT, "it is not a JSON object");
            generator.writeStartObject();
            begun = true;
            return;
        }
        String member = parser.nextFieldName();
        if (member == null) {
            require(parser.currentToken(), JsonToken.END_OBJECT, "its JSON text is incomplete");
            generator.writeEndObject();
            endObject();
            return;
        }
        parser.nextToken();
        if (inVersions) {
            version(member);
        } else {
            documentMember(member);
        }
    }

    private void endObject() throws IOException {
        if (inVersions) {
            inVersions = false;
            return;
        }
        ended = true;
        generator.flush();
    }

    private void documentMember(String member) throws IOException {
        if (member.equals("versions") && parser.currentToken() == JsonToken.START_OBJECT) {
            generator.writeFieldName(member);
            generator.writeStartObject();
            inVersions = true;
        } else if (!abbreviated || DOCUMENT_MEMBERS.contains(member)) {
            modified |= member.equals("modified");
            copy(member);
        } else if (member.equals("time") && parser.currentToken() == JsonToken.START_OBJECT) {
            time();
        } else {
            parser.skipChildren();
        }
    }

    /** Copies {@code time.modified}, the only time that the abbreviated form keeps. */
    private void time() throws IOException {
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (member.equals("modified") && value == JsonToken.VALUE_STRING && !modified) {
                modified = true;
                copy(member);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void version(String version) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            copy(version);
            return;
        }
        generator.writeFieldName(version);
        generator.writeStartObject();
        boolean installs = false;
        boolean told = false;
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (member.equals("dist") && value == JsonToken.START_OBJECT) {
                dist(version);
            } else if (!abbreviated || VERSION_MEMBERS.contains(member)) {
                told |= member.equals("hasInstallScript");
                copy(member);
            } else if (member.equals("scripts") && value == JsonToken.START_OBJECT) {
                installs = hasInstallScript();
            } else {
                parser.skipChildren();
            }
        }
        if (installs && !told) {
            generator.writeBooleanField("hasInstallScript", true);
        }
        generator.writeEndObject();
    }

    private boolean hasInstallScript() throws IOException {
        boolean found = false;
        for (String script = parser.nextFieldName(); script != null; script = parser.nextFieldName()) {
            parser.nextToken();
            parser.skipChildren();
            found |= INSTALL_SCRIPTS.contains(script);
        }
        return found;
    }

    private void dist(String version) throws IOException {
        generator.writeFieldName("dist");
        generator.writeStartObject();
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (member.equals("tarball") && value == JsonToken.VALUE_STRING) {
                generator.writeStringField(member, tarballs.of(version, parser.getText()));
            } else {
                copy(member);
            }
        }
        generator.writeEndObject();
    }

    private void copy(String member) throws IOException {
        generator.writeFieldName(member);
        copyValue(parser, generator);
    }

    /**
     * Copies the current value of {@code parser}, however deep it is. Numbers are copied as text, so a number of a
     * million digits is never computed.
     */
    static void copyValue(JsonParser parser, JsonGenerator generator) throws IOException {
        int depth = 0;
        do {
            JsonToken token = depth == 0 ? parser.currentToken() : parser.nextToken();
            if (token == null) {
                throw new JsonEOFException(parser, null, "The JSON text of the document is truncated");
            }
            switch (token) {
                case START_OBJECT -> generator.writeStartObject();
                case START_ARRAY -> generator.writeStartArray();
                case END_OBJECT -> generator.writeEndObject();
                case END_ARRAY -> generator.writeEndArray();
                case FIELD_NAME -> generator.writeFieldName(parser.currentName());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> generator.writeNumber(parser.getText());
                default -> generator.copyCurrentEvent(parser);
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        } while (depth > 0);
    }

    private void require(@Nullable JsonToken found, JsonToken wanted, String otherwise) throws IOException {
        if (found != wanted) {
            throw new JsonParseException(parser, "The packument cannot be read: " + otherwise);
        }
    }
}

package io.alldocs.cache.internal.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;

/** Writes and compares trees without recursion, because hostile documents are nested deeper than a thread's stack. */
public final class JsonNodes {
    private record Pair(JsonNode one, JsonNode other) {}

    private JsonNodes() {}

    /**
     * Writes a tree as UTF-8 in one line, and leaves the stream open; writes nothing for a missing tree.
     *
     * @throws IOException if the stream refuses bytes
     */
    public static void write(JsonNode tree, OutputStream out) throws IOException {
        write(tree, Json.DOCUMENTS.getFactory().createGenerator(out));
    }

    /** Returns what {@link #write(JsonNode, OutputStream)} writes. */
    public static byte[] bytes(JsonNode tree) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(tree, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Returns the value as {@code int}; a whole number outside the range becomes the lowest or highest one. */
    public static int asInt(JsonNode value) {
        if (value.isIntegralNumber() && !value.canConvertToInt()) {
            return value.bigIntegerValue().signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
        }
        return value.asInt();
    }

    /** Returns the value as {@code long}; a whole number outside the range becomes the lowest or highest one. */
    public static long asLong(JsonNode value) {
        if (value.isIntegralNumber() && !value.canConvertToLong()) {
            return value.bigIntegerValue().signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return value.asLong();
    }

    /**
     * Writes a tree; nothing for a missing one. Flushes the generator and releases its buffers, but leaves its target
     * open.
     *
     * @throws IOException if the target refuses what is written
     */
    public static void write(JsonNode tree, JsonGenerator generator) throws IOException {
        generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        try (generator;
                JsonParser tokens = tree.traverse(Json.DOCUMENTS)) {
            if (tree.isMissingNode()) {
                return;
            }
            for (JsonToken token = tokens.nextToken(); token != null; token = tokens.nextToken()) {
                if (token == JsonToken.NOT_AVAILABLE) {
                    generator.writeNull(); // a missing node inside of a tree, which JsonNode writes in the same way
                } else {
                    generator.copyCurrentEvent(tokens);
                }
            }
        }
    }

    /** Returns the JSON text in one line, or in indented lines. */
    public static String text(JsonNode tree, boolean pretty) {
        StringWriter text = new StringWriter();
        try {
            JsonGenerator generator = Json.DOCUMENTS.getFactory().createGenerator(text);
            write(tree, pretty ? generator.useDefaultPrettyPrinter() : generator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Returns whether two trees are the same value; {@code JsonTree.equals} defines it. */
    public static boolean same(JsonNode one, JsonNode other) {
        Deque<Pair> open = new ArrayDeque<>();
        open.push(new Pair(one, other));
        while (!open.isEmpty()) {
            Pair pair = open.pop();
            if (!sameWithoutContent(pair.one, pair.other)) {
                return false;
            }
            if (pair.one.isArray()) {
                Iterator<JsonNode> elements = pair.other.iterator();
                pair.one.forEach(element -> open.push(new Pair(element, elements.next())));
            }
            for (Map.Entry<String, JsonNode> member : pair.one.properties()) {
                open.push(new Pair(member.getValue(), pair.other.path(member.getKey())));
            }
        }
        return true;
    }

    private static boolean sameWithoutContent(JsonNode one, JsonNode other) {
        if (one.isContainerNode()) {
            return one.getNodeType() == other.getNodeType() && one.size() == other.size();
        }
        if (!one.isNumber() || !other.isNumber()) {
            return one.equals(other);
        }
        if (one.isIntegralNumber() != other.isIntegralNumber()) {
            return false;
        }
        return one.isIntegralNumber()
                ? one.bigIntegerValue().equals(other.bigIntegerValue())
                : Double.compare(one.doubleValue(), other.doubleValue()) == 0;
    }

    /** Returns the same number for equal trees. Reads only the names and the number of members or elements. */
    public static int hash(JsonNode tree) {
        if (tree.isIntegralNumber()) {
            return tree.bigIntegerValue().hashCode();
        }
        if (tree.isNumber()) {
            return Double.hashCode(tree.doubleValue());
        }
        if (!tree.isContainerNode()) {
            return tree.hashCode();
        }
        int hash = tree.isArray() ? tree.size() : -tree.size();
        for (Map.Entry<String, JsonNode> member : tree.properties()) {
            hash += member.getKey().hashCode();
        }
        return hash;
    }
}

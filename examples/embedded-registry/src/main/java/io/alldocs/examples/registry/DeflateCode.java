package io.alldocs.examples.registry;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * The Huffman codes of a dynamic deflate block (RFC 1951 §3.2), with its header. Every symbol has a code. A code for
 * one text can therefore encode any other text, but less compactly.
 */
final class DeflateCode {
    static final int LITERALS = 286;
    static final int DISTANCES = 30;
    static final int MIN_MATCH = 3;
    static final int MAX_MATCH = 258;
    static final int MAX_DISTANCE = 32768;
    static final int END_OF_BLOCK = 256;

    /** The order in which the header lists the lengths of the code for code lengths (RFC 1951 §3.2.7). */
    private static final int[] HEADER_ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    private static final int[] LENGTH_SYMBOLS = new int[MAX_MATCH + 1];
    private static final int[] LENGTH_EXTRA_BITS = new int[MAX_MATCH + 1];
    private static final int[] LENGTH_EXTRA = new int[MAX_MATCH + 1];

    static {
        // Symbols 257 to 264 are the lengths 3 to 10. From then on, four symbols share each number of extra bits.
        // Length 258 has a separate symbol (RFC 1951 §3.2.5).
        for (int length = MIN_MATCH; length < MAX_MATCH; length++) {
            int value = length - MIN_MATCH;
            int bits = value < 8 ? 0 : 29 - Integer.numberOfLeadingZeros(value);
            LENGTH_SYMBOLS[length] = 257 + 4 * bits + (value >>> bits);
            LENGTH_EXTRA_BITS[length] = bits;
            LENGTH_EXTRA[length] = value & ((1 << bits) - 1);
        }
        LENGTH_SYMBOLS[MAX_MATCH] = 285;
    }

    private final int[] literalCodes;
    private final int[] literalBits;
    private final int[] lengthCodes = new int[MAX_MATCH + 1];
    private final int[] lengthBits = new int[MAX_MATCH + 1];
    private final int[] distanceCodes;
    private final int[] distanceBits;

    private DeflateCode(int[] literalBits, int[] distanceBits) {
        this.literalBits = literalBits;
        this.literalCodes = codes(literalBits);
        this.distanceBits = distanceBits;
        this.distanceCodes = codes(distanceBits);
        for (int length = MIN_MATCH; length <= MAX_MATCH; length++) {
            int symbol = LENGTH_SYMBOLS[length];
            lengthCodes[length] = literalCodes[symbol] | LENGTH_EXTRA[length] << literalBits[symbol];
            lengthBits[length] = literalBits[symbol] + LENGTH_EXTRA_BITS[length];
        }
    }

    /** The frequencies of the symbols in a text. */
    static final class Frequencies {
        private final int[] literals = new int[LITERALS];
        private final int[] distances = new int[DISTANCES];

        Frequencies() {
            Arrays.fill(literals, 1);
            Arrays.fill(distances, 1);
            // Names are inserted into every text and consist of these characters.
            Arrays.fill(literals, 'a', 'z' + 1, 4);
            Arrays.fill(literals, '0', '9' + 1, 4);
            literals['-'] = 4;
        }

        void literal(byte value) {
            literals[value & 0xff]++;
        }

        void literals(byte[] text, int from, int to) {
            for (int i = from; i < to; i++) {
                literal(text[i]);
            }
        }

        void match(int length, int distance) {
            literals[LENGTH_SYMBOLS[length]]++;
            distances[distanceSymbol(distance)]++;
        }

        DeflateCode code() {
            return new DeflateCode(lengths(literals, 15), lengths(distances, 15));
        }
    }

    void writeHeader(BitWriter out) {
        int[] all = Arrays.copyOf(literalBits, LITERALS + DISTANCES);
        System.arraycopy(distanceBits, 0, all, LITERALS, DISTANCES);
        int[] frequencies = new int[HEADER_ORDER.length];
        for (int bits : all) {
            frequencies[bits]++;
        }
        frequencies[0]++; // a code of one symbol would be incomplete
        int[] headerBits = lengths(frequencies, 7);
        int[] headerCodes = codes(headerBits);
        out.put(1, 1).put(2, 2); // the last block, dynamic codes
        out.put(LITERALS - 257, 5).put(DISTANCES - 1, 5).put(HEADER_ORDER.length - 4, 4);
        for (int symbol : HEADER_ORDER) {
            out.put(headerBits[symbol], 3);
        }
        for (int bits : all) {
            out.put(headerCodes[bits], headerBits[bits]);
        }
    }

    void writeLiteral(BitWriter out, byte value) {
        out.put(literalCodes[value & 0xff], literalBits[value & 0xff]);
    }

    void writeLiterals(BitWriter out, byte[] text, int from, int to) {
        int i = from;
        for (; i + 3 <= to; i += 3) {
            int first = text[i] & 0xff;
            int second = text[i + 1] & 0xff;
            int third = text[i + 2] & 0xff;
            int both = literalBits[first] + literalBits[second];
            long bits = literalCodes[first]
                    | (long) literalCodes[second] << literalBits[first]
                    | (long) literalCodes[third] << both;
            out.put(bits, both + literalBits[third]);
        }
        for (; i < to; i++) {
            writeLiteral(out, text[i]);
        }
    }

    void writeMatch(BitWriter out, int length, int distance) {
        int symbol = distanceSymbol(distance);
        int extraBits = symbol < 2 ? 0 : (symbol >>> 1) - 1;
        long extra = (distance - 1L) & ((1L << extraBits) - 1);
        long bits = lengthCodes[length];
        bits |= (distanceCodes[symbol] | extra << distanceBits[symbol]) << lengthBits[length];
        out.put(bits, lengthBits[length] + distanceBits[symbol] + extraBits);
    }

    void writeEnd(BitWriter out) {
        out.put(literalCodes[END_OF_BLOCK], literalBits[END_OF_BLOCK]);
    }

    /** Each power of two has two symbols (RFC 1951 §3.2.5). */
    private static int distanceSymbol(int distance) {
        int value = distance - 1;
        if (value < 4) {
            return value;
        }
        int power = 31 - Integer.numberOfLeadingZeros(value);
        return 2 * power + ((value >>> (power - 1)) & 1);
    }

    /** Returns canonical codes for these lengths, with bits in transmission order. */
    private static int[] codes(int[] lengths) {
        int[] next = new int[17];
        for (int length : lengths) {
            next[length + 1] += length == 0 ? 0 : 1;
        }
        for (int bits = 1, code = 0; bits <= 16; bits++) {
            int count = next[bits];
            code = (code + count) << 1;
            next[bits] = code;
        }
        int[] codes = new int[lengths.length];
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            int length = lengths[symbol];
            if (length > 0) {
                codes[symbol] = Integer.reverse(next[length]++) >>> (32 - length);
            }
        }
        return codes;
    }

    private static int[] lengths(int[] frequencies, int most) {
        int[] counted = frequencies.clone();
        while (true) {
            int[] lengths = huffman(counted);
            if (Arrays.stream(lengths).max().orElse(0) <= most) {
                return lengths;
            }
            for (int i = 0; i < counted.length; i++) {
                counted[i] =
                        // counts with smaller differences produce a shallower tree; symbols that occur keep a code
                        (counted[i] + 1) / 2;
            }
        }
    }

    private record Node(long weight, int order, int symbol, int left, int right) implements Comparable<Node> {
        @Override
        public int compareTo(Node other) {
            int byWeight = Long.compare(weight, other.weight);
            return byWeight != 0 ? byWeight : Integer.compare(order, other.order);
        }
    }

    private static int[] huffman(int[] frequencies) {
        Node[] nodes = new Node[2 * frequencies.length];
        PriorityQueue<Node> open = new PriorityQueue<>();
        int count = 0;
        for (int symbol = 0; symbol < frequencies.length; symbol++) {
            if (frequencies[symbol] > 0) {
                nodes[count] = new Node(frequencies[symbol], count, symbol, -1, -1);
                open.add(nodes[count++]);
            }
        }
        while (open.size() > 1) {
            Node left = open.remove();
            Node right = open.remove();
            nodes[count] = new Node(left.weight + right.weight, count, -1, left.order, right.order);
            open.add(nodes[count++]);
        }
        int[] depths = new int[count];
        int[] lengths = new int[frequencies.length];
        for (int i = count - 1; i >= 0; i--) {
            if (nodes[i].symbol >= 0) {
                lengths[nodes[i].symbol] = depths[i];
            } else {
                depths[nodes[i].left] = depths[i] + 1;
                depths[nodes[i].right] = depths[i] + 1;
            }
        }
        return lengths;
    }
}

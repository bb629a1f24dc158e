export { escapeHtml, excerpt } from '../data/escape.js';

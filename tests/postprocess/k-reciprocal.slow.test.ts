import { kReciprocalProperties } from './k-reciprocal-properties.js';

kReciprocalProperties(30);
